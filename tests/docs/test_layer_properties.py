"""The page of the layers' properties is the table of cases, and has no empty cell."""

from tests.docs.layer_properties import PAGE, page


def test_page_is_up_to_date():
    fix = "run: python -m tests.docs.layer_properties"
    assert PAGE.read_text(encoding="utf-8") == page(), fix


def test_no_cell_is_empty_and_every_note_is_there():
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) >= 30
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert all(cells), row
