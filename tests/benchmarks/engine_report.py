"""From rows of the engine's benchmark to figures a person can judge, and to a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

TARGETS = {
    "ours_over_realesrganer": {"cpu": 6.0, "cuda": 4.0},
    "ours_over_bare_tile": {"cpu": 0.95},
    "lowest_psnr_db": {"cpu": 50.0, "cuda": 50.0},
    "tiled_worst_255ths": {"cpu": 1.0, "cuda": 1.0},
}
"""What is to be reached, on which kind of device. All but the last: at least."""

_AT_MOST = frozenset({"tiled_worst_255ths"})


def derived(rows: Sequence[Row], operations_per_px: float) -> dict[str, Any]:
    """Ratios and rates from the rows of one run; None where a row is missing.

    Ours is compared on the smallest picture it took in the quick number format, as RealESRGANer
    took that one; with the fastest RealESRGANer there, and with the fastest bare tile of any size.

    Args:
        rows: as `engine_timing.timed` gives them.
        operations_per_px: floating-point operations for one px of input.
    """
    mine = _on(rows, "ours")
    smallest = min((_area(row) for row in mine), default=0)
    here = _fastest([row for row in mine if _area(row) == smallest])
    rival = _fastest([row for row in _on(rows, "RealESRGANer") if _area(row) == smallest])
    bare = _fastest(_on(rows, "bare tile"))
    best = _fastest(mine)
    peak = next((row for row in rows if row["kind"] == "peak" and "tflop_s" in row), None)
    reached = None if best is None else best["kpx_s"] * 1e3 * operations_per_px / 1e12
    return {
        "compared": {
            "ours": here and here["name"],
            "realesrganer": rival and rival["name"],
            "bare_tile": bare and bare["name"],
            "best_of_ours": best and best["name"],
        },
        "ours_over_realesrganer": _ratio(here, rival),
        "ours_over_bare_tile": _ratio(here, bare),
        "best_of_ours_over_bare_tile": _ratio(best, bare),
        "mflop_per_px": round(operations_per_px / 1e6, 2),
        "ours_tflop_s": None if reached is None else round(reached, 3),
        "peak_tflop_s": peak and peak["tflop_s"],
        "share_of_peak": round(reached / peak["tflop_s"], 3) if peak and reached else None,
        "network_px_ratio": {
            row["name"]: row["facts"]["network_px_ratio"]
            for row in mine
            if row.get("facts", {}).get("network_px_ratio")
        },
    }


def targets(found: Mapping[str, Any], device: str) -> dict[str, dict[str, Any]]:
    """Each target of the device with what was reached; `met` is None where nothing was measured.

    Args:
        found: figures by the names of TARGETS.
        device: as torch writes it.
    """
    kind = device.partition(":")[0]
    judged: dict[str, dict[str, Any]] = {}
    for name, wanted in TARGETS.items():
        if kind not in wanted:
            continue
        value, bound = found.get(name), wanted[kind]
        met = None
        if value is not None:
            met = value <= bound if name in _AT_MOST else value >= bound
        judged[name] = {
            "reached": value,
            "wanted": f"at {'most' if name in _AT_MOST else 'least'} {bound:g}",
            "met": met,
        }
    return judged


def lines(report: Mapping[str, Any]) -> list[str]:
    """The report as a table and sentences for people."""
    machine = report["machine"]
    told = [
        f"{machine['processor']}, {machine['threads']} threads, torch {machine['torch']}, "
        f"on {machine['device']}; load {machine['load']} at the start",
        "",
        f"{'':42} {'kpx/s':>9} {'seconds':>9} {'rounds':>7} {'spread':>7}",
    ]
    for row in report["rows"]:
        told.append(_line(row))
    told.append("")
    for name, value in report["derived"].items():
        if isinstance(value, Mapping):
            told += [f"{name + ': ' + key:56} {_word(inner)}" for key, inner in value.items()]
        else:
            told.append(f"{name:56} {_word(value)}")
    for part in ("precision", "tiling"):
        for name, value in (report[part] or {}).items():
            told.append(f"{part + ' ' + name:56} {_word(value)}")
    told.append("")
    words = {True: "met", False: "MISSED", None: "not measured"}
    for name, judged in report["targets"].items():
        reached = _word(judged["reached"])
        told.append(f"{name:26} {reached:>9} ({judged['wanted']}): {words[judged['met']]}")
    return told


def _line(row: Row) -> str:
    if "missing" in row:
        return f"{row['name']:42} {row['missing']}"
    rate = f"{row['kpx_s']:9.2f}" if "kpx_s" in row else f"{row['tflop_s']:9.3f}"
    unit = "" if "kpx_s" in row else "  TFLOP/s"
    return (
        f"{row['name']:42} {rate} {row['seconds']:9.3f} {row['rounds']:7} {row['spread']:7}{unit}"
    )


def _word(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    if isinstance(value, list):
        return " and ".join(map(str, value))
    return str(value)


def _on(rows: Sequence[Row], kind: str) -> list[Row]:
    return [row for row in rows if row["kind"] == kind and "missing" not in row]


def _area(row: Row) -> int:
    return int(row["size_px"][0] * row["size_px"][1])


def _fastest(rows: Sequence[Row]) -> Row | None:
    return max(rows, key=lambda row: float(row["kpx_s"]), default=None)


def _ratio(one: Row | None, other: Row | None) -> float | None:
    return None if one is None or other is None else round(one["kpx_s"] / other["kpx_s"], 3)
