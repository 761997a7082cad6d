"""The list of training pictures keeps its own rules. Needs no pictures: `pytest training/tests`."""

import csv
import re
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
COLUMNS = ["archive", "member", "role", "title", "creator", "year", "basis"]
ARCHIVES = {
    "extra/content-open.tar",
    "extra/content-heldout.tar",
    "extra/style-public-domain.tar",
    "extra/style-ink.tar",
    "pack/style.tar",
}
ROLES = {"content", "style", "evaluation-content", "evaluation-style"}
DECIDED = {"public-domain", "met-open-access", "cc0", "unsplash-cc0", "pexels", "pixabay", "kodak"}
UNDECIDED = {"unsplash", "per-image"}


def rows(name):
    with open(HERE / name, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        found = list(reader)
        assert reader.fieldnames == COLUMNS
    return found


LISTED = rows("sources.csv")
WAITING = rows("sources-undecided.csv")


def key(row):
    return row["archive"], row["member"]


def test_every_cell_is_filled_and_has_no_stray_spaces():
    for row in LISTED + WAITING:
        assert set(row) == set(COLUMNS), row
        assert all(cell and cell == cell.strip() for cell in row.values()), row


def test_archives_roles_and_bases_are_known():
    for row in LISTED + WAITING:
        assert row["archive"] in ARCHIVES and row["role"] in ROLES, row
    assert {row["basis"] for row in LISTED} <= DECIDED
    assert {row["basis"] for row in WAITING} <= UNDECIDED


def test_every_basis_is_explained():
    text = (HERE / "SOURCES.md").read_text(encoding="utf-8")
    for basis in {row["basis"] for row in LISTED + WAITING}:
        assert f"**`{basis}`**" in text, basis


def test_no_row_is_there_twice():
    counts = Counter((*key(row), row["role"]) for row in LISTED + WAITING)
    assert [row for row, count in counts.items() if count > 1] == []


def test_a_picture_used_twice_is_named_the_same_twice():
    named = {}
    for row in LISTED + WAITING:
        what = tuple(row[column] for column in ("title", "creator", "year", "basis"))
        assert named.setdefault(key(row), what) == what, row


def test_nothing_judged_on_was_trained_on():
    roles = {}
    for row in LISTED + WAITING:
        roles.setdefault(key(row), set()).add(row["role"])
    for picture, had in roles.items():
        if any(role.startswith("evaluation-") for role in had):
            assert len(had) == 1, (picture, had)


def test_no_work_judged_on_is_trained_on_under_another_name():
    def work(row):
        return row["title"].casefold(), row["creator"].casefold()

    trained = {work(row) for row in LISTED + WAITING if not row["role"].startswith("evaluation-")}
    assert [row for row in LISTED if row["role"] == "evaluation-style" and work(row) in trained] == []


def test_share_alike_photographs_stay_out_and_kodak_is_for_evaluation():
    for row in LISTED + WAITING:
        assert not row["member"].startswith("pop-os"), row
        assert (row["basis"] == "kodak") == (row["role"] == "evaluation-content"), row


def test_public_domain_works_were_made_before_1931():
    for row in LISTED:
        if row["basis"] in {"public-domain", "met-open-access"}:
            years = [int(year) for year in re.findall(r"\b\d{3,4}", row["year"])]
            assert all(year < 1931 for year in years), row
            assert years or "century" in row["year"], row


def test_nothing_undecided_has_slipped_into_evaluation():
    assert {row["role"] for row in WAITING} <= {"content"}
