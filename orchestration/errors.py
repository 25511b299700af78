"""Which errors a user can mend, and what they mean for the exit code."""

import errno

from click import UsageError

from orchestration.dbt import DbtError
from orchestration.publishing.compare import HistoryError
from orchestration.publishing.manifest import NotIntactError
from orchestration.publishing.release import ReleaseBlockedError
from orchestration.publishing.walkback import ExplainError
from orchestration.runner import RunFailedError
from sources.base.home import HomeLockedError
from sources.county.county import CountyError
from sources.intake.landing import KeyMismatchError

# What the system says of a path that a user chose, and how to mend it.
OF_FILES = {
    errno.ENOENT: "路径不存在,请核对",
    errno.ENOTDIR: "路径中有一段不是文件夹,请核对",
    errno.EISDIR: "这是文件夹,请写文件名",
    errno.EACCES: "没有权限,请换一个位置或调整权限",
    errno.EPERM: "没有权限,请换一个位置或调整权限",
    errno.EROFS: "所在磁盘只读,请换一个位置",
    errno.ENOSPC: "磁盘已满,请腾出空间后重新运行(已写好的不受影响)",
    errno.EDQUOT: "磁盘配额已用完,请腾出空间后重新运行",
    errno.ENAMETOOLONG: "路径太长,请换短的名称",
    errno.EADDRINUSE: "端口已被占用,请换一个端口或先停掉占用它的程序",
}
USAGE_ERRORS = (UsageError, CountyError, KeyMismatchError, HistoryError)
WORK_ERRORS = (RunFailedError, HomeLockedError, DbtError, ReleaseBlockedError, ExplainError, NotIntactError)
