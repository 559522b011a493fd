"""Make the networks behind `pipeline.stages.measure.ageing`, from nothing but the tuning half.

`python -m tests.benchmarks.ageing_training --out FILE.py` (an hour on two cores; scikit-learn has
to be there for one photograph) writes the module `ageing_weights`. Scenes (see `ageing_scenes`)
are aged by the simulator and by ageings drawn much more broadly than it draws them; about four in
ten stay fresh. What is learned is judged by its effect: the ageing that is told is taken back, and
the colours compared with the fresh scene's, in Lab with the tolerances of CIE94; a fresh scene
that moves counts double.

The weights that ship came about in three passes, each going on from the one before: 48,000
pictures 18 times; 20,000 more, with pale copies and dark exposures, 9 times over all; 22,000 more,
with recoloured photographs, 6 times over all. This does it in one pass, so its numbers differ.
"""

from __future__ import annotations

import argparse
import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.stages.measure.ageing import MOST_LOSS, MOST_STAIN, MOST_VEIL
from pipeline.stages.measure.ageing_signs import COUNT, signs
from tests.benchmarks.ageing_colour import KINDS, Fading, drawn_fading, faded, linear
from tests.benchmarks.ageing_scenes import SIDE, scenes

Image = NDArray[np.float32]

WIDTHS = (COUNT, 44, 24, 8)
_SEEN = 256
_JUDGED = 96
_BATCH = 128
_AGEINGS_PER_SCENE = 5
_XYZ = torch.tensor(
    [
        [0.43395, 0.37621, 0.18984],
        [0.21267, 0.71515, 0.07218],
        [0.01776, 0.10947, 0.87285],
    ]
)
"""Linear sRGB to XYZ, white being (1, 1, 1)."""


@dataclass(frozen=True)
class Lessons:
    """What the networks are shown: float32 tensors of n pictures.

    Args:
        signs: (n, COUNT).
        given: (n, 256, 3) some px as scanned, sRGB.
        truth: (n, 256, 3) the same px of the fresh scene.
        aged: (n,) 1 for aged ones.
    """

    signs: Tensor
    given: Tensor
    truth: Tensor
    aged: Tensor


def lessons(count: int, seed: int, without: tuple[str, ...] = ()) -> Lessons:
    """Pictures to learn from; `without` leaves photographs out, to test on them."""
    fresh = scenes(-(-count // _AGEINGS_PER_SCENE), seed, without)
    random = np.random.default_rng(seed + 7)
    made: tuple[list[Image], ...] = ([], [], [], [])
    for number in range(count):
        scene = fresh[number // _AGEINGS_PER_SCENE].reshape(SIDE, SIDE, 3)
        turn = number % _AGEINGS_PER_SCENE
        aged = not (turn < 2 or (turn == 2 and random.random() < 0.3))
        given = _aged(scene, random) if aged else scene
        noise = random.normal(0, random.uniform(0, 0.006), given.shape)
        given = (np.round(np.clip(given + noise, 0, 1) * 255) / 255).astype(np.float32)
        pick = random.integers(0, SIDE * SIDE, _SEEN)
        made[0].append(signs(linear(given)).astype(np.float32))
        made[1].append(given.reshape(-1, 3)[pick])
        made[2].append(scene.reshape(-1, 3)[pick])
        made[3].append(np.float32(aged) * np.ones((), np.float32))
    return Lessons(*(torch.from_numpy(np.stack(part)) for part in made))


def _aged(scene: Image, random: np.random.Generator) -> Image:
    draw = random.random()
    if draw < 0.25:
        # A pale copy: levels pressed together as they are encoded, and yellowed.
        low, high = random.uniform(0.05, 0.25), 1 - random.uniform(0, 0.15)
        yellow = np.array([0, 0.055, 0.24]) * random.choice([0, 1]) * random.uniform(0, 1.2)
        return ((low + (high - low) * scene) * (1 - yellow)).astype(np.float32)
    if draw < 0.7:
        return faded(scene, drawn_fading(KINDS[int(random.integers(len(KINDS)))], random))
    loss = random.uniform(0, 0.6, 3) * (random.random() < 0.8)
    if random.random() < 0.3:
        loss = np.clip(loss.mean() + random.normal(0, 0.05, 3), 0, 0.7)
    yellow = random.uniform(0, 1.2) * (random.random() < 0.75) * np.array([0.03, 0.08, 0.2])
    stain = yellow * random.uniform(0.5, 1.5, 3)
    veil = float(random.uniform(0, 0.07) * (random.random() < 0.5))
    left, added = (1 - loss).tolist(), stain.tolist()
    fading = Fading((left[0], left[1], left[2]), (added[0], added[1], added[2]), veil)
    return faded(scene, fading)


class Network(nn.Module):
    """Two hidden layers; what comes out has the bounds that `measure.ageing` states."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, last = WIDTHS
        self.layers = nn.Sequential(
            nn.Linear(first, second),
            nn.GELU(),
            nn.Linear(second, third),
            nn.GELU(),
            nn.Linear(third, last),
        )

    def forward(self, told: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Loss (n, 3), stain (n, 3), veil (n, 1), log-odds of being aged (n,)."""
        out = self.layers(told)
        aged = torch.sigmoid(out[:, 7:])
        loss = aged * MOST_LOSS * torch.sigmoid(out[:, :3] - 1)
        stain = aged * MOST_STAIN * torch.sigmoid(out[:, 3:6] - 2)
        veil = aged * MOST_VEIL * torch.sigmoid(out[:, 6:7] - 2)
        return loss, stain, veil, out[:, 7]


def trained(shown: Lessons, rounds: int, seed: int) -> tuple[Network, Tensor, Tensor]:
    """A network, and the middle and spread of the signs that it was shown."""
    torch.manual_seed(seed)
    middle, spread = shown.signs.mean(0), shown.signs.std(0) + 0.02
    given, truth = (shown.signs - middle) / spread, _lab(_light(shown.truth))
    network, random = Network(), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-2)
    steps = rounds * (len(given) // _BATCH) + 1
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    odds = nn.BCEWithLogitsLoss()
    for _ in range(rounds):
        order = torch.randperm(len(given), generator=random)
        for batch in order[: len(order) // _BATCH * _BATCH].split(_BATCH):
            told = given[batch] + 0.05 * torch.randn(_BATCH, COUNT, generator=random)
            *ageing, aged = network(told.clamp(-6, 6))
            px = torch.randint(0, _SEEN, (_JUDGED,), generator=random)
            mended = _mended(shown.given[batch][:, px], *ageing)
            away = _away(truth[batch][:, px], _lab(mended)).mean(1)
            weight = 2.0 - shown.aged[batch]
            wrong = (away * weight).mean() + 0.5 * odds(aged, shown.aged[batch])
            optimizer.zero_grad()
            wrong.backward()
            optimizer.step()
            pace.step()
    return network, middle, spread


def _mended(given: Tensor, loss: Tensor, stain: Tensor, veil: Tensor) -> Tensor:
    light = ((_light(given) - veil[:, None]) / (1 - veil[:, None])).clamp(min=10**-3.2)
    density = (-torch.log10(light) - stain[:, None]) * torch.exp(loss)[:, None]
    return torch.pow(10.0, -density.clamp(0, 2.8))


def _light(values: Tensor) -> Tensor:
    high = ((values.clamp(min=0.04) + 0.055) / 1.055) ** 2.4
    return torch.where(values <= 0.04045, values / 12.92, high)


def _lab(light: Tensor) -> Tensor:
    xyz = light @ _XYZ.T
    root = torch.where(xyz > 0.008856, xyz.clamp(min=1e-4) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = root.unbind(-1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def _away(one: Tensor, two: Tensor) -> Tensor:
    """Distance with the tolerances of CIE94, and CIEDE2000's for lightness; smooth at 0."""
    apart = one - two
    chromas = [torch.sqrt(lab[..., 1] ** 2 + lab[..., 2] ** 2 + 1e-4) for lab in (one, two)]
    chroma = torch.sqrt(chromas[0] * chromas[1])
    colour = chromas[0] - chromas[1]
    hue = (apart[..., 1] ** 2 + apart[..., 2] ** 2 - colour**2).clamp(min=0)
    middle = (one[..., 0] - 50) ** 2
    light = apart[..., 0] / (1 + 0.015 * middle / torch.sqrt(20 + middle))
    square = light**2 + (colour / (1 + 0.045 * chroma)) ** 2 + hue / (1 + 0.015 * chroma) ** 2
    return torch.sqrt(square + 1e-3)


def packed(made: list[tuple[Network, Tensor, Tensor]]) -> str:
    """Networks as base 85 text of 16-bit floats, in lines of 99."""
    parts: list[Tensor] = []
    for network, middle, spread in made:
        parts += [middle, spread, *network.parameters()]
    numbers = np.concatenate([part.detach().numpy().ravel() for part in parts])
    text = base64.b85encode(numbers.astype("<f2").tobytes()).decode()
    return "\n".join(text[start : start + 99] for start in range(0, len(text), 99))


def main() -> None:
    """Train two networks and put them into the module given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the module to put them into")
    parser.add_argument("--count", type=int, default=90000)
    parser.add_argument("--rounds", type=int, default=22)
    given = parser.parse_args()
    shown = lessons(given.count, seed=2)
    text = packed([trained(shown, given.rounds, seed) for seed in (0, 1)])
    before = given.out.read_text(encoding="utf-8").split('_TEXT = """')[0]
    given.out.write_text(f'{before}_TEXT = """\n{text}\n"""\n', encoding="utf-8")


if __name__ == "__main__":
    main()
