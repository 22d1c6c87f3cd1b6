"""The files of a folder that a start takes, and their order."""

from pathlib import Path

import pytest

from pocketbus.start.seed import folder_files


def test_files_come_by_name_before_those_of_folders(tmp_path: Path) -> None:
    for name in ("b.toml", "a/d.toml", "a/c.sh", "e.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()

    assert folder_files(tmp_path) == [tmp_path / name for name in ("b.toml", "e.py", "a/c.sh", "a/d.toml")]


def test_a_file_of_a_kubernetes_config_map_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "..2026_01_01").mkdir()
    (tmp_path / "..2026_01_01" / "ready.sh").touch()
    (tmp_path / "..data").symlink_to("..2026_01_01")
    (tmp_path / "ready.sh").symlink_to("..data/ready.sh")

    assert folder_files(tmp_path) == [tmp_path / "ready.sh"]


@pytest.mark.parametrize("links", [{"x": "."}, {"x": ".", "y": "."}, {"a/x": "..", "a/y": "../b"}])
def test_links_that_lead_around_are_not_followed(tmp_path: Path, links: dict[str, str]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "b" / "x").symlink_to("../a")
    (tmp_path / "seed.toml").touch()
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)

    assert folder_files(tmp_path) == [tmp_path / "seed.toml"]
