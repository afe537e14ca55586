# SPDX-License-Identifier: Apache-2.0
"""Draws the six sample pictures, <class>.jpg beside this file: python3 draw.py [class ...]

Each scene is made of signed distance functions and ray-marched at 4x the picture's size, with a sun, an open sky, soft
shadows and one mirror bounce, then scaled down, blurred and made noisy. x is forward, y left, z up, mirrored at y = 0.
"""
import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
from PIL import Image, ImageFilter

SIZE, SUPERSAMPLING, QUALITY, SEED = 128, 4, 92, 10
FAR, HAZE = 120.0, 0.005
SUNLIGHT, SKYLIGHT = np.float32([2.0, 1.9, 1.7]), np.float32([0.75, 0.82, 0.95])
LATTICE = np.random.default_rng(SEED).random((32, 32, 32), dtype=np.float32)


@dataclass
class Part:
    distance: np.ndarray
    colour: str | Callable      # sRGB code, or a function: points -> colours
    gloss: float = 0.0
    rough: tuple = (0.0, 1.0)   # how far noise tilts the normals, and that noise's frequency


@dataclass
class Scene:
    shapes: Callable            # points (n, 3) with y >= 0 -> list of Part
    backdrop: Callable          # directions (n, 3) -> colours
    eye: tuple
    target: tuple
    view: float                 # height of the picture at unit distance

    def parts(self, p):
        return self.shapes(np.stack([p[:, 0], np.abs(p[:, 1]), p[:, 2]], -1))

    def distance(self, p):
        return np.min([part.distance for part in self.parts(p)], 0)


def dot(a, b):
    return (a * b).sum(-1)


def length(v):
    return np.sqrt(dot(v, v))


def unit(v):
    v = np.asarray(v, np.float32)
    return v / length(v)[..., None]


def mix(a, b, share):
    share = np.clip(np.float32(share), 0, 1)[..., None]
    return a * (1 - share) + b * share


def step(low, high, x):
    x = np.clip((x - low) / (high - low), 0, 1)
    return x * x * (3 - 2 * x)


def noise(p, octaves=3):
    """Value noise from 0 to 1."""
    total = 0
    for octave in range(octaves):
        cell = np.floor(p * 2 ** octave)
        part = step(0, 1, p * 2 ** octave - cell)
        for corner in np.ndindex(2, 2, 2):
            weight = np.where(corner, part, 1 - part).prod(-1)
            total = total + weight * LATTICE[tuple((cell.astype(int) + corner).T % 32)] / 2 ** octave
    return total / (2 - 2 ** (1 - octaves))


def linear(code):
    return (np.array([int(code[i:i + 2], 16) for i in (0, 2, 4)], np.float32) / 255) ** 2.2


def painted(base, *coats):
    """The colour `base` with coats of other colours, (code, share), painted over it in order."""
    for code, share in coats:
        base = mix(base, linear(code), share)
    return base


def mottled(dark, bright, frequency, octaves=4):
    return lambda p: mix(linear(dark), linear(bright), step(0.2, 0.8, noise(p * np.float32(frequency), octaves)))


def melt(a, b, width):
    """The union of two shapes with a fillet."""
    overlap = np.maximum(width - np.abs(a - b), 0)
    return np.minimum(a, b) - overlap * overlap / (4 * width)


def rounded(*sides, edge):
    """The intersection of shapes with its edges rounded."""
    q = np.stack(sides, -1) + edge
    return length(np.maximum(q, 0)) + np.minimum(q.max(-1), 0) - edge


def ellipsoid(p, centre, radii):
    q = (p - np.float32(centre)) / np.float32(radii)
    k = length(q)
    return k * (k - 1) / (length(q / np.float32(radii)) + 1e-6)


def box(p, centre, half):
    return rounded(*(np.abs(p - np.float32(centre)) - np.float32(half)).T, edge=0.02)


def rod(p, joints, radii):
    """A rod through the joints, tapered from one radius to the next."""
    joints, distance = np.float32(joints), np.inf
    for a, b, radius_a, radius_b in zip(joints, joints[1:], radii, radii[1:]):
        along = np.clip((p - a) @ (b - a) / dot(b - a, b - a), 0, 1)
        distance = melt(distance, length(p - a - along[:, None] * (b - a)) - radius_a - along * (radius_b - radius_a), 0.08)
    return distance


def prism(u, v, w, outline, half, edge=0.02):
    """A polygon in (u, v), extruded by `half` to either side of w = 0."""
    squared, inside = np.inf, np.zeros(u.shape, bool)
    for (au, av), (bu, bv) in zip(outline, outline[1:] + outline[:1]):
        du, dv, eu, ev = u - au, v - av, bu - au, bv - av
        along = np.clip((du * eu + dv * ev) / (eu * eu + ev * ev), 0, 1)
        squared = np.minimum(squared, (du - eu * along) ** 2 + (dv - ev * along) ** 2)
        inside ^= ((av <= v) != (bv <= v)) & ((du * ev < dv * eu) == (ev > 0))
    return rounded(np.where(inside, -1, 1) * np.sqrt(squared), np.abs(w) - half, edge=edge)


def wheels(p, axles, track, radius, half):
    """The tyres and rims of wheels at the x positions `axles`, as Parts."""
    across = np.min([np.hypot(p[:, 0] - x, p[:, 2] - radius) for x in axles], 0)
    along = np.abs(p[:, 1] - track) - half
    return [Part(rounded(across - radius, along, edge=0.03), "18191b"),
            Part(rounded(across - 0.6 * radius, along - 0.01, edge=0.02), "8f9498", 0.05)]


def march(scene, origin, rays, far):
    """How far each ray gets and, for rays that were aimed at the sun, how much of it they see."""
    reach, seen = np.full(len(rays), 0.01, np.float32), np.ones(len(rays), np.float32)
    going = np.arange(len(rays))
    for _ in range(110):
        gap = scene.distance(origin[going] + reach[going, None] * rays[going])
        seen[going] = np.minimum(seen[going], np.clip(12 * gap / reach[going], 0, 1))
        reach[going] += 0.85 * gap
        going = going[(gap > 0.0004 * (1 + reach[going])) & (reach[going] < far)]
    return reach, seen


def surface(scene, p):
    """Normals, colours and gloss at points on the shapes."""
    tips = np.float32([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]]) * 0.002
    normals = unit(sum(tip * scene.distance(p + tip)[:, None] for tip in tips) + 1e-12)
    colours, gloss, parts = np.zeros_like(p), np.zeros(len(p), np.float32), scene.parts(p)
    owner = np.argmin([part.distance for part in parts], 0)
    for index in np.unique(owner):
        part, mine = parts[index], owner == index
        colours[mine] = part.colour(p[mine]) if callable(part.colour) else linear(part.colour)
        gloss[mine] = part.gloss
        amount, frequency = part.rough
        tilts = [noise(p[mine] * frequency + shift, 2) - 0.5 for shift in (0.0, 9.3, 17.7)]
        normals[mine] = unit(normals[mine] + amount * np.stack(tilts, -1))
    return normals, colours, gloss


def trace(scene, origin, rays, bounces=1):
    """The light that comes back along each ray."""
    light = scene.backdrop(rays)
    reach, _ = march(scene, origin, rays, FAR)
    hit = reach < FAR
    if not hit.any():
        return light
    p, rays = origin[hit] + reach[hit, None] * rays[hit], rays[hit]
    normals, colours, gloss = surface(scene, p)
    away, sun = p + 0.01 * normals, np.broadcast_to(unit((0.5, -0.7, 0.8)), p.shape)
    lit = march(scene, away, sun, FAR / 8)[1] * np.clip(dot(normals, sun), 0, 1)
    open_sky = np.mean([np.clip(scene.distance(p + normals * gap) / gap, 0, 1) for gap in (0.08, 0.25, 0.6)], 0)
    sky = (0.65 + 0.35 * normals[:, 2]) * (0.2 + 0.8 * open_sky)
    result = colours * (lit[:, None] * SUNLIGHT + sky[:, None] * SKYLIGHT)
    if bounces:
        facing = dot(rays, normals)
        mirror = rays - 2 * facing[:, None] * normals
        share = gloss + (gloss > 0) * 0.7 * (1 - gloss) * np.clip(1 + facing, 0, 1) ** 5
        shiny = share > 0.02
        glint = 6 * np.clip(dot(mirror, sun), 0, 1) ** 80 * (lit > 0.1)
        mirrored = trace(scene, away[shiny], mirror[shiny], bounces - 1) + glint[shiny, None]
        result[shiny] = mix(result[shiny], mirrored, share[shiny])
    light[hit] = mix(result, light[hit], 1 - np.exp(-HAZE * reach[hit]))
    return light


def photograph(scene):
    side = SIZE * SUPERSAMPLING
    forward = unit(np.subtract(scene.target, scene.eye))
    right = unit(np.cross(forward, (0, 0, 1)))
    axis = ((np.arange(side, dtype=np.float32) + 0.5) / side - 0.5) * scene.view
    bands = []
    for heights in np.split(-axis, side // 16):
        rays = unit(forward + axis[None, :, None] * right + heights[:, None, None] * np.cross(right, forward)).reshape(-1, 3)
        bands.append(trace(scene, np.broadcast_to(np.float32(scene.eye), rays.shape), rays))
    exposed = (1 - np.exp(-1.1 * np.concatenate(bands).reshape(side, side, 3))) ** (1 / 2.2)
    exposed = 0.6 * exposed + 0.4 * step(0, 1, exposed)
    picture = Image.fromarray((exposed * 255).astype(np.uint8)).resize((SIZE, SIZE), Image.Resampling.BOX)
    picture = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.5)), np.float32)
    grain = np.random.default_rng(SEED).normal(0, 2.5, picture.shape)
    return Image.fromarray((picture + grain).clip(0, 255).astype(np.uint8))


def sky(horizon, zenith, clouds, lowest=0.0):
    """A backdrop: clouds over a gradient that starts at the height `lowest`."""
    def colours(rays):
        up = np.clip((rays[:, 2] - lowest) / (1 - lowest), 0, 1) ** 0.6
        return painted(linear(horizon), (zenith, up), ("f9faff", clouds * step(0.48, 0.75, noise(rays * (3, 3, 7), 4))))
    return colours


def hedge(rays):
    """A backdrop: blurred trees under a pale sky."""
    leaves = mottled("2c4423", "7f9a58", (9, 9, 12), 3)(rays)
    top = 0.09 + 0.08 * noise(rays * (6, 6, 0), 2)
    return painted(leaves, ("cfe0ee", step(-0.015, 0.015, rays[:, 2] - top)), ("7d8470", step(-0.005, -0.05, rays[:, 2])))


def road(p):
    line = 0.8 * (np.abs(p[:, 1] - 2.6) < 0.09)
    asphalt = painted(mottled("4c4d50", "66676a", 1.5)(p), ("d5d5d0", line))
    return mix(asphalt, mottled("3f5a28", "7a8c4a", 2)(p), step(3.3, 3.5, p[:, 1]))


def airplane():
    wing_plan = [(1.3, 0), (0.0, 2.2), (-1.35, 4.6), (-1.75, 4.6), (-1.1, 1.8), (-1.1, 0)]
    fin_side = [(-3.2, 0.4), (-3.9, 0.75), (-4.9, 2.1), (-5.5, 2.1), (-5.0, 0.2)]

    def fuselage_colour(p):
        x, _, z = p.T
        windows = (np.abs(z - 0.12) < 0.05) & (x > -3.2) & (x < 3.7) & (np.mod(x, 0.2) < 0.11)
        cockpit = (x > 4.1) & (z > 0.1) & (z < 0.24)
        return painted(linear("e2e4e8"), ("a0a8b2", step(-0.12, -0.22, z)), ("20262e", windows * 0.75 + cockpit))

    def shapes(p):
        x, y, z = p.T
        tube = melt(rod(p, [(-2.4, 0, 0), (4.1, 0, 0)], [0.5, 0.5]), ellipsoid(p, (4.1, 0, -0.04), (0.95, 0.48, 0.46)), 0.1)
        fuselage = melt(tube, rod(p, [(-2.4, 0, 0), (-5.0, 0, 0.3)], [0.5, 0.1]), 0.3)
        wing = prism(x, y, z + 0.25 - 0.1 * y, wing_plan, 0.07)
        tail = prism(x, y, z - 0.3 - 0.08 * y, [(-3.8, 0), (-4.9, 1.7), (-5.3, 1.7), (-4.9, 0)], 0.05)
        engine = rod(p, [(1.0, 1.6, -0.52), (-0.1, 1.6, -0.52)], [0.27, 0.2])
        return [Part(fuselage, fuselage_colour, 0.04), Part(np.minimum(wing, tail), "aab1ba", 0.04),
                Part(prism(x, z, y, fin_side, 0.06), "1c4f9c", 0.04), Part(engine, "7d848e", 0.05)]

    return Scene(shapes, sky("92bee6", "1c5cb0", 0.2, -0.6), (7.5, -15.5, 4), (-0.1, 0, 0.1), 0.61)


def automobile():
    red, axles = "b3131a", (-1.35, 1.4)
    body_side = [(-2.25, 0.3), (-2.3, 0.75), (-2.15, 0.98), (-1.4, 1.02), (1.0, 0.98), (1.95, 0.82), (2.25, 0.65), (2.28, 0.3)]
    cabin_side = [(-1.95, 0.9), (-1.05, 1.42), (0.15, 1.44), (1.15, 0.9)]

    def body_colour(p):
        x, y, z = p[:, 0], np.abs(p[:, 1]), p[:, 2]
        front, low = x > 2.05, z < 0.36
        lamp = (np.abs(y - 0.66) < 0.19) & (np.abs(z - 0.69) < 0.08)
        plate = (y < 0.26) & (np.abs(z - 0.5) < 0.055)
        grille = (y < 0.42) & (np.abs(z - 0.64) < 0.08) | (y < 0.7) & (np.abs(z - 0.4) < 0.07)
        seam = (y > 0.8) & (z < 0.95) & (np.abs(x + 0.15) < 0.03)
        return painted(linear(red), ("15171a", front & grille | seam | low), ("f5f5f0", front & (lamp | plate)))

    def cabin_colour(p):
        x, y, z = p.T
        side = np.abs(y) > 0.84 - 0.45 * (z - 0.9)
        pillar = side & ((np.abs(x + 0.3) < 0.05) | (x > 1.05 - 1.85 * (z - 0.92)) | (x < -1.7 + 1.5 * (z - 0.9)))
        return painted(linear("14191d"), (red, pillar | (z > 1.37)))

    def shapes(p):
        x, y, z = p.T
        arches = np.min([np.hypot(x - axle, z - 0.33) for axle in axles], 0) - 0.39
        bulge = y * (1 + 0.025 * x * x + 0.35 * (z - 0.65) ** 2)
        body = np.maximum(0.9 * prism(x, z, bulge, body_side, 0.9, 0.14), -arches)
        cabin = 0.9 * prism(x, z, y * (1 + 0.42 * np.clip(z - 0.9, 0, 1)), cabin_side, 0.84, 0.1)
        return [Part(z, road, rough=(0.15, 14)), Part(body, body_colour, 0.04), Part(cabin, cabin_colour, 0.05),
                Part(ellipsoid(p, (0.75, 0.95, 1.02), (0.09, 0.12, 0.08)), red, 0.04),
                Part(box(p, (0, 0, 0.6), (2.0, 0.7, 0.2)), "0a0a0a"), *wheels(p, axles, 0.78, 0.33, 0.11)]

    return Scene(shapes, hedge, (6.6, -6.9, 2.1), (0.2, 0, 0.64), 0.48)


def bird():
    def body_colour(p):
        x, _, z = p.T
        breast = painted(linear("e8dcc6"), ("cf5a18", step(0.95, 1.25, z + 0.4 * x)))
        above = z - 1.12 - 0.1 * x - 0.55 * np.maximum(x - 0.45, 0)
        return mix(breast, mottled("5f4a33", "8a6d4c", (6, 6, 14))(p), step(-0.05, 0.05, above))

    def shapes(p):
        body = melt(ellipsoid(p, (0, 0, 1.0), (0.75, 0.46, 0.5)), ellipsoid(p, (0.55, 0, 1.5), (0.36, 0.31, 0.32)), 0.35)
        wing = ellipsoid(p, (-0.3, 0.38, 1.02), (0.72, 0.14, 0.3))
        branch = rod(p, [(-3, 0, -0.25), (3, 0, 0.2)], [0.17, 0.12])
        return [Part(body, body_colour, rough=(0.25, 16)), Part(wing, mottled("3f3022", "7d6345", (4, 4, 18)), rough=(0.3, 12)),
                Part(rod(p, [(-0.5, 0, 0.85), (-1.55, 0, 0.55)], [0.16, 0.09]), "4c3b2a", rough=(0.2, 16)),
                Part(rod(p, [(0.85, 0, 1.5), (1.1, 0, 1.46)], [0.07, 0.01]), "3a322a"),
                Part(ellipsoid(p, (0.72, 0.23, 1.58), (0.065, 0.065, 0.065)), "050505", 0.1),
                Part(rod(p, [(0.05, 0.16, 0.6), (0.12, 0.16, 0.12)], [0.035, 0.03]), "6b4630"),
                Part(branch, mottled("4b3d31", "8f7d68", (2, 9, 9)), rough=(0.8, 9))]

    def foliage(rays):
        return painted(mottled("35582a", "8fb057", 5, 2)(rays), ("d9e6a8", 0.7 * step(0.6, 0.85, noise(rays * 7, 1))))

    return Scene(shapes, foliage, (2.6, -7.0, 1.7), (-0.1, 0, 0.92), 0.42)


def frog():
    def skin(p):
        x, y, z = p.T
        mouth = (x > 0.55) & (np.abs(z - 0.74) < 0.02)
        belly = step(0.72, 0.6, z - 0.1 * x) * step(0.5, 0.42, np.abs(y)) * (x > 0.3)
        spots = step(0.5, 0.58, noise(p * 3.2 + 5))
        return painted(mottled("44582a", "748444", 2)(p), ("37401a", spots), ("cfcb98", belly), ("2a2c14", mouth))

    def shapes(p):
        trunk = melt(ellipsoid(p, (-0.3, 0, 0.5), (0.95, 0.6, 0.42)), ellipsoid(p, (0.6, 0, 0.8), (0.6, 0.52, 0.32)), 0.5)
        brow = ellipsoid(p, (0.62, 0.32, 1.05), (0.2, 0.16, 0.17))
        leg = rod(p, [(-0.85, 0.4, 0.4), (0.0, 0.85, 0.55), (-0.85, 0.9, 0.16), (0.1, 1.2, 0.06)], [0.28, 0.2, 0.12, 0.07])
        arm = rod(p, [(0.4, 0.4, 0.6), (0.35, 0.72, 0.34), (0.7, 0.68, 0.07), (0.95, 0.75, 0.04)], [0.17, 0.13, 0.09, 0.06])
        body = melt(melt(trunk, brow, 0.12), np.minimum(leg, arm), 0.1)
        return [Part(p[:, 2], mottled("33291c", "80694a", 1.3), rough=(0.9, 5)), Part(body, skin, 0.03, (0.25, 9)),
                Part(ellipsoid(p, (0.68, 0.39, 1.08), (0.15, 0.14, 0.14)), "b08a28", 0.08),
                Part(ellipsoid(p, (0.72, 0.46, 1.09), (0.1, 0.09, 0.08)), "060606", 0.12)]

    return Scene(shapes, sky("5d5a3c", "b0bfa0", 0.0), (4.6, -6.2, 3.0), (0.0, 0, 0.45), 0.4)


def ship():
    deck = [(-5, 0), (-5, 0.75), (-4.6, 0.85), (2.5, 0.85), (4.0, 0.5), (5.2, 0), (4.0, -0.5), (-5, -0.5)]
    funnel_plan = [(-0.45, -0.25), (-0.45, 0.25), (0.45, 0.25), (0.45, -0.25)]

    def hull_colour(p):
        return painted(linear("1d2f52"), ("e2e2de", p[:, 2] > 0.99), ("8c2a22", p[:, 2] < 0.21))

    def house_colour(p):
        windows = (np.abs(np.mod(p[:, 2] - 1.12, 0.32) - 0.19) < 0.055) & (np.mod(p[:, 0], 0.22) < 0.15)
        return painted(linear("e2e2de"), ("2c3a4a", 0.85 * windows))

    def funnel_colour(p):
        return painted(linear("c8281e"), ("111111", p[:, 2] > 2.7))

    def shapes(p):
        x, y, z = p.T
        rake, flare = x - 0.5 * (z - 0.35) * step(0, 5, x), y / (0.8 + 0.2 * np.clip(z, 0, 1))
        hull = 0.8 * prism(rake, flare, z - 0.35, deck, 0.75, 0.04)
        house = np.min([box(p, (-0.6, 0, 1.35), (3.6, 0.72, 0.3)), box(p, (-0.6, 0, 1.8), (3.1, 0.66, 0.2)),
                        box(p, (0.6, 0, 2.1), (1.5, 0.6, 0.18)), box(p, (1.6, 0, 2.4), (0.35, 0.75, 0.14))], 0)
        funnel = prism(x + 1.2 + 0.2 * (z - 2), y, z - 2.4, funnel_plan, 0.55, 0.15)
        masts = np.minimum(rod(p, [(1.5, 0, 2.4), (1.4, 0, 3.4)], [0.05, 0.03]), rod(p, [(4.1, 0, 1.0), (4.1, 0, 2.0)], [0.05, 0.03]))
        return [Part(z, mottled("0f3450", "1a4a6a", 0.5), 0.04, (0.4, 6)), Part(hull, hull_colour, 0.03), Part(house, house_colour),
                Part(funnel, funnel_colour), Part(masts, "e8e8e8")]

    return Scene(shapes, sky("cfe0ee", "5d97d2", 0.6), (11.5, -12, 2.6), (0.65, 0, 1.25), 0.58)


def truck():
    cab_side = [(1.55, 0.55), (1.55, 2.75), (3.0, 2.75), (3.25, 2.5), (3.4, 1.6), (3.42, 0.45)]

    def cab_colour(p):
        x, y, z = p[:, 0], np.abs(p[:, 1]), p[:, 2]
        screen = (x > 3.1) & (z > 1.75) & (z < 2.45) & (y < 1.0)
        window = (y > 1.05) & (z > 1.75) & (z < 2.4) & (x > 2.2) & (x < 3.1 - 0.25 * (z - 1.75))
        grille = (x > 3.25) & (y < 0.7) & (z > 0.95) & (z < 1.4)
        lamp = (x > 3.25) & (np.abs(y - 0.88) < 0.17) & (np.abs(z - 0.85) < 0.1)
        return painted(linear("1f55a8"), ("12171b", screen | window | grille), ("50555a", (x > 1.9) & (z < 0.75)), ("fdf8e6", lamp))

    def cargo_colour(p):
        ribs = (np.abs(np.mod(p[:, 0], 0.8) - 0.4) < 0.03) | (np.abs(p[:, 2] - 2.33) > 1.15)
        return painted(linear("e6e6e2"), ("a9adb1", 0.8 * ribs))

    def shapes(p):
        x, y, z = p.T
        cab = np.maximum(prism(x, z, y, cab_side, 1.15, 0.08), 0.62 - np.hypot(x - 2.5, z - 0.5))
        frame = np.minimum(box(p, (-0.4, 0, 0.85), (3.3, 0.5, 0.2)), box(p, (0.2, 0.95, 0.7), (0.8, 0.15, 0.25)))
        mirror = box(p, (3.25, 1.35, 2.1), (0.06, 0.1, 0.28))
        return [Part(z, road, rough=(0.15, 14)), Part(cab, cab_colour, 0.05), Part(box(p, (-1.2, 0, 2.3), (2.6, 1.25, 1.25)), cargo_colour, 0.02),
                Part(np.minimum(frame, mirror), "1a1b1d"), *wheels(p, (-2.9, -1.8, 2.5), 1.0, 0.5, 0.18)]

    return Scene(shapes, hedge, (9.5, -9.5, 2.4), (0.15, 0, 1.7), 0.57)


if __name__ == "__main__":
    scenes = {scene.__name__: scene for scene in (airplane, automobile, bird, frog, ship, truck)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classes", metavar="class", nargs="*")
    classes = parser.parse_args().classes or list(scenes)
    if unknown := set(classes).difference(scenes):
        parser.error(f"no class {min(unknown)}")
    for name in classes:
        photograph(scenes[name]()).save(Path(__file__).parent / f"{name}.jpg", quality=QUALITY)
