"""What the system says of a path, a disk, a port or a file that is not whole, in the words of who can mend it.

Belongs here: recognising such an error, whoever raised it. Does not: errors that carry their own message (orchestration.errors).
"""

import errno
import os
import re

# What the system says of a path, a disk or a port that a user chose, and how to mend it.
OF_FILES = {
    errno.ENOENT: "路径不存在,请核对",
    errno.ENOTDIR: "路径中有一段不是文件夹,请核对",
    errno.EISDIR: "这是文件夹,请写文件名",
    errno.EACCES: "没有权限,请换一个位置或调整权限",
    errno.EPERM: "没有权限,请换一个位置或调整权限",
    errno.EROFS: "所在磁盘只读,请换一个位置",
    errno.ENOSPC: "磁盘已满,请腾出空间后重新运行(已写好的不受影响)",
    errno.EDQUOT: "磁盘配额已用完,请腾出空间后重新运行",
    errno.EEXIST: "已有同名的文件,请换一个名称",
    errno.EBADMSG: "文件已损坏,请从备份恢复,或删去后重新运行",
    errno.EFBIG: "超过允许的文件大小,请换一个位置",
    errno.ENAMETOOLONG: "路径太长,请换短的名称",
    errno.ELOOP: "链接绕成了圈,请改正",
    errno.EIO: "磁盘读写出错,请检查磁盘",
    errno.EMFILE: "打开的文件过多,请提高限制(ulimit -n)",
    errno.EADDRINUSE: "端口已被占用,请换一个端口或先停掉占用它的程序",
}
_BY_WORDS = {os.strerror(number): number for number in OF_FILES}
_OF_PYTHON = re.compile(r"\[Errno (\d+)\] [^:\n]*(?:: '([^'\n]*)')?")
# DuckDB and Arrow put the path into quotes and the system's words behind it.
_OF_ENGINES = re.compile(rf"(?:[\"']([^\"'\n]+)[\"'].*?)?({'|'.join(map(re.escape, _BY_WORDS))})")
_NOT_WHOLE = re.compile(
    r"magic bytes|deserialize thrift|not a parquet file|too small to be a Parquet|not a valid DuckDB database|Corrupt"
)
_PATH = re.compile(r"[\"'](/[^\"'\n]+)[\"']|(/[^\s\"':]+\.(?:parquet|duckdb|json))")


def of_files(error: BaseException | None) -> str | None:
    """The sentence for an error that comes from a path, a disk or a file, whoever raised it; None for any other."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in OF_FILES:
            return _sentence(error.errno, error.filename or "")
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in (
            "duckdb",
            "_duckdb",
            "pyarrow",
        ):
            found = in_words(str(error))
            if found is not None:
                return found
        error = error.__cause__
    return None


def in_words(text: str, place: str = "") -> str | None:
    """The same from what an error said, where only that is known (a step of a run, a model of dbt).

    place: where it happened, if the error names no path.
    """
    if (found := _OF_PYTHON.search(text)) and int(found[1]) in OF_FILES:
        return _sentence(int(found[1]), found[2] or place)
    if found := _OF_ENGINES.search(text):
        return _sentence(_BY_WORDS[found[2]], found[1] or place)
    if _NOT_WHOLE.search(text):
        path = _PATH.search(text)
        return _sentence(errno.EBADMSG, (path[1] or path[2]) if path else place)
    return None


def _sentence(number: int, path: str) -> str:
    english = "Damaged file" if number == errno.EBADMSG else os.strerror(number)
    return f"{path or '–'}: {OF_FILES[number]} / {english}"
