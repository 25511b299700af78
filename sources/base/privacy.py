"""Keys and masks: how a personal value becomes something that may leave `sources/`.

Here: the derived keys, HMAC pseudonyms of values and of whole columns, what marks a test patient, and masking of values
shown to people. Not here: which column is treated how (the contract says).
"""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PSEUDONYM_LENGTH = 32
# The family names of nearly everybody in China; a short Chinese text that begins with one may be a person.
FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦"
    "邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪"
    "梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂"
    "全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊"
)
NAME = rf"(?:[{FAMILY_NAMES}]\p{{Han}}{{1,3}}|(?:欧阳|上官|司马|诸葛|东方|夏侯|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙)\p{{Han}}{{1,2}})"
_LIKE_A_NAME = f"^{NAME}$"
_BLOCK = 64

# Names that people type to try a system out (V11). A vendor's mapping may add patterns and exempt real names.
TEST_NAME_PATTERNS = ("测试", "(?i)test", "^(张三|李四|王五)[0-9]+$", "^婴儿[A-Za-z0-9]$")


def pseudonym(key: bytes, namespace: str, scope: str, value: str) -> str:
    """First 32 hex digits of HMAC-SHA-256 over "namespace|scope|value"."""
    return hmac.new(key, message(namespace, scope, value).encode(), hashlib.sha256).hexdigest()[
        :PSEUDONYM_LENGTH
    ]


def message(namespace: str, scope: str, value: str) -> str:
    """What is hashed for a pseudonym."""
    return f"{namespace}|{scope}|{value}"


class Pseudonymiser:
    """Pseudonyms of whole columns: every different message is hashed once.

    HMAC is sha256(outer pad ‖ sha256(inner pad ‖ message)) (RFC 2104); the state after each pad is kept and copied, which
    is several times faster than setting up the key for every value.
    """

    def __init__(self, key: bytes) -> None:
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def column(self, messages: pa.ChunkedArray) -> pa.Array:
        """Pseudonyms of a column of messages as `message` writes them; null stays null."""
        encoded = pc.dictionary_encode(messages.combine_chunks())
        hashed = self._hashed(encoded.dictionary.cast(pa.binary()).to_pylist())
        return pa.array(hashed, pa.string()).take(encoded.indices)

    def _hashed(self, messages: list[bytes]) -> list[str]:
        inner_state, outer_state, found = self._inner.copy, self._outer.copy, []
        for text in messages:
            inner = inner_state()
            inner.update(text)
            outer = outer_state()
            outer.update(inner.digest())
            found.append(outer.hexdigest()[:PSEUDONYM_LENGTH])
        return found


def derived_key(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key of its own for one purpose (HKDF-SHA-256): no file shares its key with another or with the pseudonyms."""
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=b"yigongti", info=purpose.encode()).derive(
        secret
    )


def key_check(secret: bytes) -> str:
    """A value that tells whether two runs use the same secret, and nothing else about it."""
    return derived_key(secret, "key check", 8).hex()


def like_a_name(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Where a text may be a Chinese person's name: two to four characters that begin with a family name."""
    return pc.match_substring_regex(values, _LIKE_A_NAME)


def mask(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Only the shape of texts: digits become 9, letters A, everything beyond ASCII 字; 24 characters at most."""
    shape = pc.utf8_slice_codeunits(values, 0, 24)
    for pattern, sign in (
        ("[0-9]", "9"),
        ("[A-Za-z]", "A"),
        ("[^\\x00-\\x7F]", "字"),
        ("[\\x00-\\x1F]", " "),
    ):
        shape = pc.replace_substring_regex(shape, pattern, sign)
    return shape
