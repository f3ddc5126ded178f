"""A file is whole or not there, whatever happens while it is written."""

import errno

import pytest

from tfgan_tricks.files import WriteError, prepare_directory, write_atomically


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    write_atomically(path, lambda temporary: temporary.write_text("new"))
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("killed")])
def test_an_error_while_writing_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def write(temporary):
        temporary.write_text("half of")
        raise error

    with pytest.raises(WriteError if isinstance(error, OSError) else RuntimeError) as raised:
        write_atomically(path, write)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    if isinstance(error, OSError):
        assert "No space left on device" in str(raised.value)
        assert "MB free" in str(raised.value)
        assert "Fix:" in str(raised.value)


def test_a_missing_folder_is_named_and_not_taken_for_a_full_disk(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for name, reason in (("none", "does not exist"), ("file", "is a file")):
        with pytest.raises(WriteError, match="could not be written") as raised:
            write_atomically(tmp_path / name / "a.txt", lambda temporary: temporary.write_text("new"))
        assert f"Received: '{tmp_path / name}', which {reason}" in str(raised.value)
        assert "free space" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_error_of_the_writer_about_another_file_is_reported_as_it_is(tmp_path):
    with pytest.raises(WriteError, match=r"(?s)FileNotFoundError.*MB free"):
        write_atomically(tmp_path / "a.txt", lambda temporary: (tmp_path / "other").read_text())


def test_the_file_is_complete_before_it_has_its_name(tmp_path):
    path = tmp_path / "file.txt"
    seen = []

    def write(temporary):
        temporary.write_text("new")
        seen.append(path.exists())

    write_atomically(path, write)
    assert seen == [False]


def test_what_a_killed_process_left_is_removed(tmp_path):
    (tmp_path / ".tmp-abc").mkdir()
    (tmp_path / ".tmp-abc" / "half.keras").write_bytes(b"half")
    (tmp_path / "other").mkdir()
    assert prepare_directory(tmp_path) == tmp_path
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_folder_that_cannot_be_written_is_refused_with_a_reason(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(WriteError, match=r"Nothing can be written to the folder[^$]*Received: NotADirectoryError"):
        prepare_directory(tmp_path / "file" / "samples")
