"""What results say: values of laboratory items, critical values, what software reads in an image."""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, running_number
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.keys import exam_id, lab_report_id
from sources.simulator.ground.text import identifier, null_where, pick, scaled
from sources.simulator.happening.reports import is_critical
from sources.simulator.place.facilities import MODALITIES
from sources.simulator.state.happened import Happened

_Item = tuple[str, str, str, float, float, float, float, int]
# panel → items: code, name, unit, low, high, mean, spread, decimals; no unit = told in words
_PANELS: list[list[_Item]] = [
    [("WBC", "白细胞计数", "10^9/L", 3.5, 9.5, 6.8, 2.0, 2), ("HGB", "血红蛋白", "g/L", 115, 175, 136, 17, 0)],
    [("UPRO", "尿蛋白", "", 0, 0, 0, 0, 0), ("USG", "尿比重", "", 1.003, 1.03, 1.016, 0.006, 3)],
    [("CRP", "C反应蛋白", "mg/L", 0, 10, 9, 11, 1)],
    [("ALT", "丙氨酸氨基转移酶", "U/L", 7, 40, 25, 14, 0), ("AST", "天门冬氨酸氨基转移酶", "U/L", 13, 35, 24, 9, 0)],
    [("CREA", "肌酐", "umol/L", 41, 111, 72, 20, 0), ("UREA", "尿素", "mmol/L", 3.1, 8, 5.4, 1.6, 1)],
    [("GLU", "葡萄糖", "mmol/L", 3.9, 6.1, 5.8, 1.5, 2)],
    [("HBA1C", "糖化血红蛋白", "%", 4, 6, 6.6, 1.3, 1)],
    [("TC", "总胆固醇", "mmol/L", 2.8, 5.2, 4.7, 0.9, 2), ("TG", "甘油三酯", "mmol/L", 0.5, 1.7, 1.5, 0.7, 2)],
    [("CKMB", "肌酸激酶同工酶", "U/L", 0, 25, 14, 8, 0), ("CTNI", "肌钙蛋白I", "ng/mL", 0, 0.04, 0.02, 0.02, 3)],
    [("PT", "凝血酶原时间", "s", 9.4, 12.5, 11.4, 1.1, 1), ("DD", "D-二聚体", "mg/L", 0, 0.5, 0.4, 0.3, 2)],
    [("K", "钾", "mmol/L", 3.5, 5.3, 4.1, 0.4, 2), ("NA", "钠", "mmol/L", 137, 147, 140, 3, 0)],
    [("FOB", "粪便隐血", "", 0, 0, 0, 0, 0)],
]  # fmt: skip
_ITEMS = [(panel, *item) for panel, items in enumerate(_PANELS) for item in items]
_WORDS = ["阴性", "阳性(+)", "未查"]
NORMAL, READINGS = 0, ["NORMAL", "NODULE", "ICH", "PNEUMONIA"]
_READ_BY_SOFTWARE = MODALITIES.index("CT")
_KEEPS_FINDINGS_ONLY = 3  # number of the primary institution
_BELOW = 0.01  # share of values told as "<5" (V32)


def result_frame(h: Happened) -> Frame:
    """his_lab_result: the items of every report's panel, numbers as text and, where there is one, as a number."""
    labs, layout = h.labs, h.layout
    rng = h.rng("laboratory values")
    sizes = np.array([len(items) for items in _PANELS])[labs.item]
    row = np.repeat(np.arange(labs.rows), sizes)
    first = np.searchsorted([item[0] for item in _ITEMS], labs.item)
    item = np.repeat(first, sizes) + running_number(row, labs.rows)
    columns = list(zip(*_ITEMS, strict=True))
    low, high, mean, spread = (np.array(column, dtype=float)[item] for column in columns[4:8])
    places = np.array(columns[8])[item]
    value = np.maximum(rng.normal(mean, spread), 0)
    thousandths = np.round(value * 1_000).astype(np.int64)
    thousandths -= thousandths % 10 ** (3 - places)
    worded = high == 0
    below = h.world.defects & (rng.random(len(row)) < _BELOW) & ~worded
    word = pick(_WORDS, rng.choice(3, len(row), p=[0.88, 0.09, 0.03]))
    number = null_where(scaled(thousandths, 3), worded | below)
    text = pa.compute.coalesce(
        null_where(word, ~worded), null_where(pick(["<1", "<5", "<0.5"], item % 3), ~below), number
    )
    odd = value < low, value > high
    return Frame(
        "his_lab_result",
        len(row),
        layout.deliverer[labs.place[row]],
        {
            "report_id": lab_report_id(labs.id[row]),
            "item_code": pick(list(columns[1]), item),
            "item_name": pick(list(columns[2]), item),
            "result_text": text,
            "result_num": number,
            "unit": pick([unit or None for unit in columns[3]], item),
            "ref_low": null_where(pick([f"{v:.4f}" for v in columns[4]], item), worded),
            "ref_high": null_where(pick([f"{v:.4f}" for v in columns[5]], item), worded),
            "abnormal": null_where(pick(["N", "L", "H"], np.select(odd, [1, 2], 0)), worded),
        },
        notes=[Note.where(below, "V32")],
    )


def critical_frame(h: Happened) -> Frame:
    """his_critical_value: found with the report, told within minutes; rarely dealt with before it was told."""
    labs = h.labs.take(is_critical(h.labs.id))
    rng = h.rng("critical values")
    notified = labs.due + rng.integers(1, 12, labs.rows) * 60
    known = notified + rng.integers(1, 6, labs.rows) * 60
    handled = np.where(
        rng.random(labs.rows) < 0.95, known + rng.integers(3, 40, labs.rows) * 60, notified - 120
    )
    told = Arrays(report=labs.event, found=labs.due, minutes=(handled - notified).astype(np.int64) // 60)
    h.diary.write("critical value", told, ("report", "found", "minutes"))
    return Frame(
        "his_critical_value",
        labs.rows,
        h.layout.deliverer[labs.place],
        {
            "cv_id": identifier("CV", labs.id, 10),
            "report_id": lab_report_id(labs.id),
            "found_time": labs.due,
            "notify_time": notified,
            "ack_time": known,
            "handle_time": handled,
        },
    )


def reading_frame(h: Happened) -> Frame:
    """his_ai_result: what software read in computed tomographies, and what the radiologist made of it.

    Some readings take too long or never come; one house's software keeps findings only.
    """
    exams = h.exams.take(h.exams.modality == _READ_BY_SOFTWARE)
    rng = h.rng("readings")
    exams["read"] = rng.choice(len(READINGS), exams.rows, p=[0.7, 0.14, 0.04, 0.12])
    exams["final"] = np.where(rng.random(exams.rows) < 0.93, exams.read, NORMAL)
    exams["final"] = np.where(rng.random(exams.rows) < 0.05, -1, exams.final)
    late = np.where(rng.random(exams.rows) < 0.1, rng.integers(880, 2_400, exams.rows), 0)
    exams["seconds"] = np.where(rng.random(exams.rows) < 0.03, -1, rng.integers(20, 300, exams.rows) + late)
    exams["uploaded"] = exams.exam + exams.minutes * 60
    only_findings = h.layout.primary[_KEEPS_FINDINGS_ONLY % len(h.layout.primary)]
    exams = exams.take((exams.place != only_findings) | (exams.read != NORMAL))
    told = Arrays(
        {name: exams[name] for name in ("place", "read", "final", "seconds", "uploaded")}, exam=exams.event
    )
    return Frame(
        "his_ai_result",
        exams.rows,
        h.layout.deliverer[exams.place],
        {
            "ai_id": identifier("AI", exams.id, 10),
            "exam_id": exam_id(exams.id),
            "model_ver": "ct-2.3",
            "upload_time": exams.uploaded,
            "result_time": np.where(exams.seconds < 0, np.datetime64("NaT"), exams.uploaded + exams.seconds),
            "ai_result": pick(READINGS, exams.read),
            "final_result": pick(READINGS, exams.final),
        },
        event=h.enter("reading", **told),
        subject="reading",
    )
