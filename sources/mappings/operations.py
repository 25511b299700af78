"""Words for what a source did with a row: inserted, updated, deleted. Read where a mapping gives `op_flag` no dictionary.

Only words with one meaning: 0 and -1 say "deleted" in one system and "valid" in another, so nobody guesses them. Not here:
what becomes of a word nobody knows (conforming).
"""

from __future__ import annotations

OPERATIONS = ("I", "U", "D")
_WORDS = {
    "I": "I INS INSERT INSERTED ADD ADDED A C CREATE CREATED N NEW 1 新增 新建 插入 增加 添加 录入 正常 有效",
    "U": "U UPD UPDATE UPDATED M MOD MODIFY MODIFIED E EDIT CHANGE 2 修改 更新 变更 更正 修订",
    "D": "D DEL DELETE DELETED REMOVE REMOVED CANCEL CANCELLED CANCELED INVALID VOID 3 "
    "删除 已删除 删 作废 已作废 废除 注销 已注销 撤销 已撤销 取消 已取消 无效",
}
OPERATION_WORDS = {word: operation for operation, words in _WORDS.items() for word in words.split()}
