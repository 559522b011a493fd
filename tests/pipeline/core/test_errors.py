from __future__ import annotations

import pytest

from pipeline.core.errors import EXIT_MEANINGS, ExitCode, ShoeboxError, error_classes


def test_every_error_has_a_number_of_its_own() -> None:
    numbers = [cls.number for cls in error_classes()]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("cls", error_classes(), ids=lambda cls: cls.__name__)
def test_an_error_line_tells_number_reason_detail_and_remedy(cls: type[ShoeboxError]) -> None:
    line = cls("scan_07.tif").line()
    assert line.startswith(f"E{cls.number} {cls.summary().rstrip('.')}")
    assert "scan_07.tif" in line
    assert line.endswith(cls.remedy)
    assert "\n" not in line


@pytest.mark.parametrize("cls", error_classes(), ids=lambda cls: cls.__name__)
def test_the_hundreds_of_an_error_number_are_its_exit_code(cls: type[ShoeboxError]) -> None:
    assert cls.number // 100 == int(cls.exit_code)


def test_every_exit_code_is_explained() -> None:
    assert set(EXIT_MEANINGS) == set(ExitCode)


def test_a_remedy_given_with_the_error_replaces_the_usual_one() -> None:
    error = ShoeboxError("x", remedy="Do this.")
    assert error.line().endswith("Do this.")
