"""Names and addresses of people who do not exist. Lists only; population.py combines them."""


def _words(text: str) -> list[str]:
    """Names written one after the other, as they are easiest to read."""
    return text.split()


SURNAMES = _words(
    """
    王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩
    唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎
    余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康
    毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文
    欧阳 司马 诸葛 上官
    """
)
GIVEN_MALE = _words(
    """
    伟 强 磊 军 勇 杰 涛 超 明 刚 平 辉 鹏 华 飞 鑫 波 斌 宇 浩 凯 健 俊 帆 帅
    建国 建华 志强 志明 国强 国庆 海涛 文博 子轩 浩然 宇航 家豪 俊杰 德胜 永福 学文
    振华 金生 长江 保国 卫东 红军 新民 大海 福全 传德 守信 继业 怀玉 兆丰 广义 玉堂
    景行
    """
)
GIVEN_FEMALE = _words(
    """
    芳 娜 敏 静 丽 艳 娟 霞 秀英 玉兰 桂英 秀兰 丹 萍 红 玲 梅 燕 慧 婷 雪 倩 颖
    琳 洁 欣 怡 悦 梓涵 诗涵 雨桐 欣怡 佳琪 思雨 玉梅 凤英 桂兰 素珍 淑华 爱华 春花
    秋菊 冬梅 翠花 月娥 银环 巧云 兰英 美玲 晓燕 海燕 丽娟 金凤 书琴 若曦 婉清
    """
)
# GB 18030 characters that software written for GBK trips over
RARE_GIVEN = _words(
    """
    㛃 垚 喆 淼 龘 翀 焱 犇 骉 旻
    """
)
STREETS = _words(
    """
    前街 后街 东队 西队 南庄 北庄 新村 河沿 中心路 幸福里 建设巷 柳树组
    """
)
TEST_NAMES = _words(
    """
    测试 test 张三1 婴儿A 测试患者 TEST01
    """
)
# division, level of destination (si_out_of_county.dest_level), name
HOSPITALS_BEYOND = [
    ("340600", "1", "邻市人民医院"),
    ("340600", "1", "邻市中医医院"),
    ("340100", "2", "省立第一医院"),
    ("340100", "2", "省城医科大学附属医院"),
    ("320300", "3", "邻省淮海医院"),
    ("310100", "3", "外省肿瘤医院"),
]
