# SPDX-License-Identifier: Apache-2.0
"""The results on Arm cores as a Markdown table and as a bar chart in SVG."""
from table import COLOURS, FAINT, HIGHLIGHT, bold, text

WIDTH, LEFT, RIGHT, TOP, BAR, STEP, GAP = 780, 212, 150, 74, 18, 24, 40


def by_cycles(result, core):
    """The engines that were counted on this core, the fastest first."""
    return sorted((row for row in result["rows"] if core in row["cores"]), key=lambda row: row["cores"][core]["cycles"])


def counts(row, core):
    found = row["cores"].get(core)
    if not found:
        return "not counted"
    return f"{found['cycles'] / 1e6:.1f} ({found['instructions'] / 1e6:.0f})"


def accuracy(row):
    return f"{100 * row['agreement']:.1f} % | {row['logit_sqnr_db']:.1f}" if "agreement" in row else "not measured | "


def markdown(result):
    cores = list(result["cores"])
    boards = ", ".join(f"{core} ({about['boards']}; LLVM's model of {about['model']})" for core, about in result["cores"].items())
    lines = [
        f"DeiT-Ti, 224 x 224, batch 1, int8, one thread, {result['date']}, commit {result['commit']}: millions of modelled cycles (millions of instructions) on {boards}. Caches and mispredicted branches are not in the model.",
        "",
        "| engine | version | " + " | ".join(cores) + " | top-1 as float32 | logit SQNR, dB | what int8 means |",
        "|---" * (len(cores) + 5) + "|",
    ]
    for row in by_cycles(result, cores[0]):
        cycles = " | ".join(counts(row, core) for core in cores)
        lines.append(f"| {bold(row, row['engine'])} | {row.get('version', '')} | {cycles} | {accuracy(row)} | {row['about']} |")
    for row in result["rows"]:
        if row["reason"] is not None:
            lines += ["", f"{row['engine']}: not measured to the end: {row['reason']}"]
    lines += ["", f"Agreement and SQNR against the same weights in float32, on {result['evaluated']} photos that calibrated nothing. The peers' are of {cores[-1]}; vitro's logits are the same on all."]
    return "\n".join(lines) + "\n"


def svg(result):
    groups = [(core, by_cycles(result, core)) for core in result["cores"]]
    height = TOP + sum(GAP + STEP * len(rows) for _, rows in groups)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(16, 26, "DeiT-Ti, int8, one picture on one thread: millions of cycles, less is better", size=16, weight="bold"),
        text(16, 46, f"Modelled: QEMU's counts timed by llvm-mca, without caches; {result['date']}. Right: photos named as float32 names them.", fill=FAINT, size=12),
    ]
    y = TOP
    for core, rows in groups:
        longest = max((row["cores"][core]["cycles"] for row in rows), default=1)
        parts.append(text(16, y + 10, f"{core}: {result['cores'][core]['boards']}", weight="bold"))
        y += GAP - 20
        for row in rows:
            cycles, ours = row["cores"][core]["cycles"], row["name"] == "vitro"
            length, weight = (WIDTH - LEFT - RIGHT) * cycles / longest, "bold" if ours else "normal"
            parts += [
                text(LEFT - 10, y + BAR - 4, row["engine"], anchor="end", weight=weight),
                f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{HIGHLIGHT if ours else COLOURS["int8"]}"/>',
                text(LEFT + length + 8, y + BAR - 4, f"{cycles / 1e6:.1f} M", weight=weight),
            ]
            if "agreement" in row:
                parts.append(text(LEFT + length + 80, y + BAR - 4, f"{100 * row['agreement']:.0f} %", fill=FAINT, size=12))
            y += STEP
        y += 20
    return "\n".join([*parts, "</svg>"]) + "\n"
