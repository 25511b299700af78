"""Lists of names, streets and hospitals for people who do not exist. Lists only: naming.py and addresses.py combine them."""


def _words(text: str) -> list[str]:
    """Names written one after the other, as they are easiest to read."""
    return text.split()


# most frequent first, as in the country at large; SURNAME_PER_MILLE holds the shares of the first ones
SURNAMES = _words(
    """
    王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩
    唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎
    余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康
    毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文
    章 余 付 肖 闫 丘
    欧阳 司马 诸葛 上官
    """
)
SURNAME_PER_MILLE = (
    72,
    70,
    67,
    54,
    46,
    31,
    26,
    23,
    21,
    21,
    17,
    16,
    14,
    14,
    12,
    11,
    11,
    11,
    10,
    9,
    9,
    8,
    8,
    7,
)
# given names: (born before, characters of men, characters of women), most frequent first; the last row has no end
GENERATIONS = [
    (
        1962,
        "国建华德文明志光永福金玉生学成长春林全荣清庆海保祥顺发忠兴财有善根堂山田喜宝振怀",
        "英兰秀桂玉凤珍芳素淑华梅香云荣花莲翠春红琴月银菊巧娥改秋侠爱环枝美彩贤真",
    ),
    (
        1988,
        "军伟强勇杰涛明超平辉鹏刚磊斌波峰亮东建华飞海志文林俊龙永兵红利国新立民卫宏春生晓",
        "丽芳娟霞敏艳静红燕玲英娜梅萍玉琴秀云华洁莉丹晓春小爱桂凤海慧兰文荣美青",
    ),
    (
        9999,
        "子浩宇轩涵泽博文俊佳家明辰昊睿嘉天航铭瑞一承奕煜晨凯思梓远乐皓翔阳恒毅诚睿程",
        "梓涵雨欣怡诗佳思雅萱可妍琪悦语婷彤瑶馨若嘉子一晨依菲颖璇珂文心艺媛宁静慧琳雪",
    ),
]
# of a hundred names of the generation, how many have one character only
SINGLE_PER_CENT = (9, 38, 11)
# what two people called the same in the same village are called when the clerk is in a hurry: sounds alike, is not
SOUNDS_ALIKE = _words(
    """
    伟玮炜 芳方 静靖婧 丽莉俐 军君俊 勇永咏 杰洁 平萍 华桦 英瑛 玉钰育 建健 秀绣 兰岚 霞侠 红宏洪 文雯 梅玫
    燕艳雁 辉晖 浩皓昊 宇雨羽语 子梓紫 轩萱 涵晗 欣心新 怡宜仪 佳嘉家 志智 清青 珍真 淑舒 婷庭亭 琳林霖 慧惠会
    鹏朋 飞菲 波博 斌彬 帆凡 德得 生升胜 金锦 明铭鸣 振震 成诚程 云芸 月悦越 晓小 思斯 伊一依 睿瑞 晨辰 艺毅奕
    章张 汪王 黎李 余于 付傅 肖萧 闫阎 邱丘 陈程 徐许
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
