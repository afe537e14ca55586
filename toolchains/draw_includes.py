#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""draw_includes.py [--check]: draws ARCHITECTURE.svg from the sources' includes; with --check it writes nothing.

A floor is a top-level folder. A room is a folder inside a floor, or a header that lies in the floor itself together
with its source. An arrow points from the room that includes to the room that is included, and it must point down: from
floor to floor in the order of FLOORS, inside the runtime in the order of RUNTIME. Inside the other floors, arrows must
not form a cycle. Exits with 1 where an arrow breaks these rules and, with --check, where the committed picture is not
the one that the sources give.
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURE = ROOT / "ARCHITECTURE.svg"
FLOORS = ["platforms", "models", "converter", "runtime"]
RUNTIME = [["program"], ["ops"], ["core"], ["digest", "picture", "threads"], ["kernels", "schema", "include"]]
SOURCES = {".h", ".hpp", ".c", ".cpp", ".S", ".def"}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def room_of(path):
    return "/".join(path.parts[:2]) if len(path.parts) > 2 else f"{path.parts[0]}/{path.stem}.h"


def read_arrows(root):
    """{(room, room that it includes): one of the files that do so}"""
    arrows = {}
    for floor in FLOORS:
        for file in sorted((root / floor).rglob("*")):
            if file.suffix not in SOURCES:
                continue
            here = file.relative_to(root)
            for name in INCLUDE.findall(file.read_text()):
                path = pathlib.Path("runtime/include", name) if name.startswith("vitro/") else pathlib.Path(name)
                if path.parts[0] in FLOORS and room_of(path) != room_of(here):
                    arrows.setdefault((room_of(here), room_of(path)), here)
    return arrows


def floor_of(room):
    return room.split("/")[0]


def layer_in_runtime(room):
    """The room's index in RUNTIME; None for a room of another floor, or one that RUNTIME does not list."""
    floor, _, name = room.partition("/")
    return next((i for i, names in enumerate(RUNTIME) if floor == "runtime" and name in names), None)


def goes_up(source, target):
    if floor_of(source) != floor_of(target):
        return FLOORS.index(floor_of(source)) > FLOORS.index(floor_of(target))
    if floor_of(source) == "runtime":
        layers = layer_in_runtime(source), layer_in_runtime(target)
        return None in layers or layers[0] >= layers[1]
    return False


def reachable(arrows, start):
    found, todo = set(), [start]
    while todo:
        room = todo.pop()
        for source, target in arrows:
            if source == room and target not in found:
                found.add(target)
                todo.append(target)
    return found


def faults_of(arrows):
    faults = [f"{file}: {source} includes {target}, which goes up" for (source, target), file in arrows.items() if goes_up(source, target)]
    return faults + [f"{file}: {source} includes {target}, which closes a cycle" for (source, target), file in arrows.items()
                     if floor_of(source) == floor_of(target) and source in reachable(arrows, target)]


def without_detours(arrows):
    """The arrows without those that a path through other rooms implies."""
    return {(a, b) for a, b in arrows if not any(b in reachable(arrows, c) for x, c in arrows if x == a and c != b)}


# ---- the picture: one band for each floor, its rooms in layers, so that arrows point down

BOX, GAP, ROW, MARGIN, TITLE = 26, 14, 62, 150, 16
GREY, INK, FILL = "#8a9099", "#1f2933", {"platforms": "#fdf3e1", "models": "#f3ecfb", "converter": "#e7f3ea", "runtime": "#e6f0fa"}


def width_of(room):
    return 0 if isinstance(room, tuple) else 16 + 7.2 * len(label_of(room))


def label_of(room):
    return room.split("/")[-1] + ("" if room.endswith(".h") else "/")


def depths_of(rooms, arrows):
    """The layer of each room, counted from the top."""
    if layer_in_runtime(rooms[0]) is not None:
        return {room: layer_in_runtime(room) for room in rooms}
    depth = {room: 0 for room in rooms}
    for _ in rooms:
        for a, b in arrows:
            depth[b] = max(depth[b], depth[a] + 1)
    return depth


def lay_out(rooms, arrows):
    """(layers, {arrow: its path}). A layer holds rooms, and a tuple for each place where an arrow passes through it."""
    depth = depths_of(rooms, arrows)
    layers = [[room for room in rooms if depth[room] == i] for i in range(max(depth.values()) + 1)]
    pieces = {}
    for a, b in sorted(arrows):
        way = [a] + [(a, b, i) for i in range(depth[a] + 1, depth[b])] + [b]
        for bend in way[1:-1]:
            layers[bend[2]].append(bend)
        pieces[a, b] = way
    links = [(way[i], way[i + 1]) for way in pieces.values() for i in range(len(way) - 1)]
    for sweep in range(24):  # the usual heuristic: move each to the mean of its neighbours, downwards and upwards in turn
        order = range(1, len(layers)) if sweep % 2 == 0 else range(len(layers) - 2, -1, -1)
        for i in order:
            near = layers[i - 1 if sweep % 2 == 0 else i + 1]
            place = {room: (k + 0.5) / len(near) for k, room in enumerate(near)}
            middle = {}
            for k, room in enumerate(layers[i]):
                around = [place[x] for link in links for x in link if room in link and x in place]
                middle[room] = sum(around) / len(around) if around else (k + 0.5) / len(layers[i])
            layers[i].sort(key=lambda room: (middle[room], str(room)))
    return layers, pieces


def draw(arrows):
    rooms = sorted({room for arrow in arrows for room in arrow})
    shown = without_detours({arrow for arrow in arrows if floor_of(arrow[0]) == floor_of(arrow[1])})
    plans = {}
    for floor in FLOORS:
        inside = [room for room in rooms if floor_of(room) == floor]
        plans[floor] = lay_out(inside, {arrow for arrow in shown if floor_of(arrow[0]) == floor})
    span = {floor: max(sum(width_of(room) + GAP for room in layer) for layer in plans[floor][0]) for floor in FLOORS}
    total = MARGIN + max(span.values()) + 40
    out, bands, y = [], {}, 10
    for floor in FLOORS:
        layers, pieces = plans[floor]
        height = TITLE + ROW * len(layers)
        bands[floor] = (y, y + height)
        out.append(f'<rect x="{MARGIN - 20}" y="{y}" width="{total - MARGIN + 10:.0f}" height="{height}" rx="8" fill="{FILL[floor]}"/>')
        out.append(f'<text x="{MARGIN - 10}" y="{y + 17}" font-weight="bold" fill="{INK}">{floor}/</text>')
        at = {}
        for i, layer in enumerate(layers):
            free = (total - MARGIN - 30 - sum(width_of(room) for room in layer)) / (len(layer) + 1)
            x = MARGIN
            for room in layer:
                x += free
                at[room] = (x + width_of(room) / 2, y + TITLE + 12 + ROW * i)
                x += width_of(room)
        for way in pieces.values():
            points = [(at[way[0]][0], at[way[0]][1] + BOX)]
            for bend in way[1:-1]:
                points += [(at[bend][0], at[bend][1]), (at[bend][0], at[bend][1] + BOX)]
            points.append((at[way[-1]][0], at[way[-1]][1] - 2))
            path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
            for (x0, y0), (x1, y1) in zip(points, points[1:]):
                path += f" C{x0:.0f} {(y0 + y1) / 2:.0f} {x1:.0f} {(y0 + y1) / 2:.0f} {x1:.0f} {y1:.0f}"
            out.append(f'<path d="{path}" fill="none" stroke="{GREY}" marker-end="url(#tip)"/>')
        for room, (x, top) in at.items():
            if not isinstance(room, tuple):
                w = width_of(room)
                out.append(f'<rect x="{x - w / 2:.0f}" y="{top}" width="{w:.0f}" height="{BOX}" rx="4" fill="#ffffff" stroke="{INK}"/>')
                out.append(f'<text x="{x:.0f}" y="{top + 17}" text-anchor="middle" fill="{INK}">{label_of(room)}</text>')
        y += height + 12
    floors = sorted({(FLOORS.index(floor_of(a)), FLOORS.index(floor_of(b))) for a, b in arrows if floor_of(a) != floor_of(b)})
    for a, b in floors:  # one arrow for each pair of floors, to the left of the bands
        down = abs(b - a)
        start, end = bands[FLOORS[a]], bands[FLOORS[b]]
        y0, y1 = start[1] - 12 * down, end[0] + 12 * (a + 1)
        x = MARGIN - 22
        out.append(f'<path d="M{x} {y0} C{x - 36 * down} {y0} {x - 36 * down} {y1} {x} {y1}" fill="none" stroke="{INK}" stroke-width="1.6" marker-end="url(#tip)"/>')
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:.0f} {y}" width="{total:.0f}" height="{y}" font-family="DejaVu Sans Mono, monospace" font-size="12">\n'
            '<!-- Drawn by toolchains/draw_includes.py from what the sources include. -->\n'
            f'<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{INK}"/></marker></defs>\n'
            f'<rect width="{total:.0f}" height="{y}" fill="#ffffff"/>\n')
    return head + "\n".join(out) + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    arrows = read_arrows(ROOT)
    faults = faults_of(arrows)
    if not faults:
        picture = draw(arrows)
        if not check:
            PICTURE.write_text(picture)
        elif not PICTURE.exists() or PICTURE.read_text() != picture:
            faults.append("ARCHITECTURE.svg does not show these sources: run toolchains/draw_includes.py, and check that ARCHITECTURE.md is still true")
    print("\n".join(faults) or f"{len(arrows)} arrows between rooms, none up")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
