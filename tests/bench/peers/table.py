# SPDX-License-Identifier: Apache-2.0
"""Writes the results as a Markdown table, and as a bar chart in SVG."""
from xml.sax.saxutils import escape

COLOURS = {"int8": "#5b8db8", "fp32": "#c9cdd2"}
HIGHLIGHT = "#d9622b"
TEXT, FAINT = "#222222", "#777777"
WIDTH, LEFT, RIGHT, TOP, BAR, STEP = 780, 212, 150, 74, 18, 27


def by_speed(rows):
    return sorted((row for row in rows if row["reason"] is None), key=lambda row: row["threads"]["1"]["median_ms"])


def markdown(result):
    machine = result["machine"]
    lines = [
        f"DeiT-Ti, 224 x 224, batch 1, on {machine['cpu']} ({machine['cores']} cores, {machine['system']}), {result['date']}. Milliseconds per inference: median of "
        f"{result['rounds']} bursts' medians (minimum of all), {result['runs']} inferences a burst, all engines interleaved.",
        "",
        "| engine | version | precision | 1 thread, ms | 2 threads, ms | peak memory, MiB | top-1 as float32 | logit SQNR, dB | what int8 means |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in by_speed(result["rows"]):
        times = " | ".join(f"{row['threads'][threads]['median_ms']:.1f} ({row['threads'][threads]['min_ms']:.1f})" for threads in ("1", "2"))
        memory = f"{row['peak_bytes'] / 2**20:.0f}" + (" *" if row["in_python"] else "")
        # Above 90 dB, what differs is the order of rounding, which says nothing about quality.
        sqnr = f"{row['logit_sqnr_db']:.1f}" if row["logit_sqnr_db"] < 90 else "> 90"
        cells = [bold(row, row["engine"]), row["version"], row["precision"], times, memory, f"{100 * row['agreement']:.1f} %", sqnr, row["about"]]
        lines.append("| " + " | ".join(cells) + " |")
    for row in result["rows"]:
        if row["reason"] is not None:
            lines.append(f"| {bold(row, row['engine'])} | | {row['precision']} | not measured: {row['reason'].replace('|', '/')[:200]} | | | | | |")
    lines += [
        "",
        f"Agreement and SQNR against the same weights in float32, on {result['evaluated']} photos that calibrated nothing; the same pixels for all. "
        "Peak memory is VmHWM of the engine's own process on one thread, after its last burst; "
        "* includes Python, and torch where the engine's binding needs it.",
    ]
    return "\n".join(lines) + "\n"


def bold(row, text):
    return f"**{text}**" if row["name"] == "vitro" else text


def svg(result):
    rows = by_speed(result["rows"])
    longest = max((row["threads"]["1"]["median_ms"] for row in rows), default=1)
    height = TOP + STEP * len(rows) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(16, 26, "DeiT-Ti, one picture on one thread: milliseconds, less is better", size=16, weight="bold"),
        text(16, 46, f"{result['machine']['cpu']}, {result['date']}. Right: photos named as float32 names them.", fill=FAINT, size=12),
    ]
    x = WIDTH - 216
    for name, colour in (("vitro, int8", HIGHLIGHT), ("int8", COLOURS["int8"]), ("fp32", COLOURS["fp32"])):
        parts += [f'<rect x="{x}" y="55" width="11" height="11" fill="{colour}"/>', text(x + 16, 65, name, fill=FAINT, size=12)]
        x += 96 if name.startswith("vitro") else 56
    for index, row in enumerate(rows):
        y, median = TOP + STEP * index, row["threads"]["1"]["median_ms"]
        length = (WIDTH - LEFT - RIGHT) * median / longest
        ours = row["name"] == "vitro"
        weight, middle = "bold" if ours else "normal", y + BAR - 4
        parts += [
            text(LEFT - 10, middle, f"{row['engine']} {row['precision']}", anchor="end", weight=weight),
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{HIGHLIGHT if ours else COLOURS[row["precision"]]}"/>',
            text(LEFT + length + 8, middle, f"{median:.1f} ms", weight=weight),
            text(LEFT + length + 80, middle, f"{100 * row['agreement']:.0f} %", fill=FAINT, size=12),
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def text(x, y, content, fill=TEXT, size=13, weight="normal", anchor="start"):
    return f'<text x="{x:.1f}" y="{y}" fill="{fill}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}">{escape(content)}</text>'
