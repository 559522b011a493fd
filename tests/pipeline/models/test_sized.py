"""Networks that take only certain sizes are given pictures of any size."""

from __future__ import annotations

import pytest
import torch
from spandrel import SizeRequirements
from torch import Tensor, nn

from pipeline.models.sized import fitted


class Particular(nn.Module):
    """Doubles a picture, and refuses one that is no multiple of 16 px or smaller than 32."""

    def forward(self, batch: Tensor) -> Tensor:
        height, width = batch.shape[-2:]
        assert height % 16 == width % 16 == 0
        assert min(height, width) >= 32
        return batch.repeat_interleave(2, -1).repeat_interleave(2, -2)


@pytest.mark.parametrize("size", [(32, 48), (33, 50), (5, 7), (1, 1), (100, 17)])
def test_a_picture_of_any_size_comes_back_as_it_would_from_the_plain_network(
    size: tuple[int, int],
) -> None:
    network = fitted(Particular(), SizeRequirements(multiple_of=16, minimum=32))
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    doubled = picture.repeat_interleave(2, -1).repeat_interleave(2, -2)
    assert torch.equal(network(picture), doubled)


def test_a_network_with_no_wishes_is_left_as_it_is() -> None:
    module = Particular()
    assert fitted(module, SizeRequirements(multiple_of=2)) is module
