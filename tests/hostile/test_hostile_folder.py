"""Folders in which not all is an image that is called one, and images that are broken in any way."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from tests.data.files import noise, save
from tests.hostile.bombs import webp_animation_of_one_frame
from tests.hostile.effort import FEW
from tests.hostile.mutations import SUFFIXES, mutated, whole_files
from tfgan_tricks.data import arrays, describe, load, open_source
from tfgan_tricks.data.image_file import MOST_PIXELS, read_header

ROOT = Path(__file__).parents[2]
WHOLE = whole_files()
MAGIC = (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF89a", b"GIF87a", b"RIFF\xff\0\0\0WEBPVP8X\n\0\0\0")


def decoded(folder: Path, seed: int, count: int, **environment: str) -> dict[str, int]:
    """Decodes broken images in another process, which must end well; returns how many came to what end."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.hostile.decoding_child", str(seed), str(count)]
    done = subprocess.run(
        [*command, str(folder)],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", **environment},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=3_000,
    )
    last = (folder / "now").read_bytes()[:4_000].hex() if (folder / "now").exists() else "none"
    assert done.returncode == 0, f"{done.stderr[-3_000:]}\nThe file, in hexadecimal: {last}"
    outcomes = json.loads(done.stdout.splitlines()[-1])
    assert sum(outcomes.get(end, 0) for end in ("header", "decoder", "image")) == count
    assert outcomes["megabytes"] < 3_000
    return outcomes


@settings(FEW)
@given(strategies.integers(0, 2**32 - 1), strategies.sampled_from(SUFFIXES))
def test_a_broken_header_is_a_header_or_a_problem_in_one_line(tmp_path_factory, seed, suffix):
    random = np.random.default_rng(seed)
    (_, data), (_, other) = (WHOLE[int(random.integers(len(WHOLE)))] for _ in range(2))
    path = tmp_path_factory.getbasetemp() / f"broken.{suffix}"
    path.write_bytes(mutated(data, other, random))
    header = read_header(path)
    assert header.problem.isprintable()
    assert header.problem or 1 <= header.height * header.width <= MOST_PIXELS


@settings(FEW)
@given(strategies.binary(max_size=300), strategies.sampled_from(MAGIC), strategies.sampled_from(SUFFIXES))
def test_bytes_behind_a_format_s_beginning_are_a_header_or_a_problem(tmp_path_factory, data, magic, suffix):
    path = tmp_path_factory.getbasetemp() / f"made.{suffix}"
    path.write_bytes(magic + data)
    header = read_header(path)
    assert header.problem.isprintable()
    assert header.problem or 1 <= header.height * header.width <= MOST_PIXELS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_none_of_thousands_of_broken_images_leads_a_decoder_astray(seed, tmp_path):
    checked = {"LD_PRELOAD": "libc_malloc_debug.so.0", "GLIBC_TUNABLES": "glibc.malloc.check=3"}  # where glibc has it
    outcomes = decoded(tmp_path, seed, count=4_000, **(checked if sys.platform == "linux" else {}))
    assert min(outcomes["header"], outcomes["decoder"], outcomes["image"]) > 400


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_what_is_no_file_is_named_and_never_waited_for(tmp_path, monkeypatch):
    save(tmp_path / "a.png", noise(0))
    os.mkfifo(tmp_path / "b.png")
    (tmp_path / "c.png").mkdir()
    (tmp_path / "d.png").symlink_to("/dev/zero")
    (tmp_path / "e.png").symlink_to("e.png")
    (tmp_path / "f.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "g.png").write_bytes(b"")
    listener = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    listener.bind("h.png")
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail("the reader waits for a pipe"))
    signal.alarm(60)
    source = open_source(f"folder:{tmp_path}", on_error="skip")
    signal.alarm(0)
    listener.close()
    assert source.files == (str(tmp_path / "a.png"),)
    reasons = {re.sub(r"^.*/(\w+)\.png: ", r"\1: ", text) for text in source.skipped}
    assert reasons == {
        "b: not a file of its own (a folder, pipe, socket or device)",
        "d: not a file of its own (a folder, pipe, socket or device)",
        "e: cannot be read (Too many levels of symbolic links)",
        "f: cannot be read (No such file or directory)",
        "g: corrupt, or none of PNG, JPEG, BMP, GIF, WEBP",
        "h: not a file of its own (a folder, pipe, socket or device)",
    }
    with pytest.raises(ValueError, match=r"b\.png: not a file of its own"):
        load(f"folder:{tmp_path}")


def test_links_are_followed_to_files_and_classes_but_not_back(tmp_path):
    save(tmp_path / "elsewhere" / "deep" / "a.png", noise(0))
    folder = tmp_path / "images"
    save(folder / "one" / "b.png", noise(1))
    (folder / "two").symlink_to(tmp_path / "elsewhere")
    (folder / "one" / "c.png").symlink_to(tmp_path / "elsewhere" / "deep" / "a.png")
    (folder / "one" / "again").symlink_to(folder)  # a link below a class is not followed
    source = open_source(f"folder:{folder}")
    assert (source.class_names, source.labels.tolist()) == (("one", "two"), [0, 0, 1])
    (folder / "three").symlink_to(folder)
    with pytest.raises(ValueError, match=r"leads back(.|\n)*three -> "):
        open_source(f"folder:{folder}")


@pytest.mark.skipif(os.name != "posix", reason="names are Unicode there")
def test_names_that_are_no_text_are_read_and_shown_in_one_line(tmp_path):
    root = os.fsencode(tmp_path)
    for name in (b"\xff\xfe.png", b"new\nline.png", b"\x1b[2J.png", "größe 图.png".encode()):
        os.makedirs(root + b"/class \xe9\n", exist_ok=True)
        with open(root + b"/class \xe9\n/" + name, "wb") as file:
            file.write(save(tmp_path / "a.png", noise(len(name))).read_bytes())
    (tmp_path / "a.png").unlink()
    images, labels = arrays(f"folder:{tmp_path}")
    assert (images.shape, labels.tolist()) == ((4, 20, 20, 3), [0] * 4)
    source = open_source(f"folder:{tmp_path}")
    shown = [describe(source), *(source.item(index) for index in range(4))]
    assert all(text.isprintable() for text in shown), shown
    assert source.class_names == ("class \\udce9\\n",)
    assert any("größe 图.png" in text for text in shown)
    with open(os.fsencode(source.files[0]), "wb"):
        pass
    with pytest.raises(ValueError, match="Unusable image") as caught:
        load(f"folder:{tmp_path}")
    assert all(line.isprintable() for line in str(caught.value).splitlines())
    assert len(str(caught.value).splitlines()) == 4


def test_a_subfolder_that_cannot_be_read_does_not_vanish(tmp_path, monkeypatch):
    for name in ("ant", "bee"):
        save(tmp_path / name / "a.png", noise(0))
    scan = os.scandir

    def refusing(path):
        if os.fspath(path).endswith("ant"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)  # root may read everything
    with pytest.raises(ValueError, match=r"ant \(Permission denied\)(.|\n)*permissions"):
        open_source(f"folder:{tmp_path}", on_error="skip")


@pytest.mark.parametrize("scheme", ["folder", "npz", "idx"])
@pytest.mark.parametrize("path", ["~nobody-of-this-name/x", "x" * 5_000, "a\0b"])
def test_what_can_be_no_path_is_refused(scheme, path):
    with pytest.raises(ValueError, match=r"(cannot be the path|no such )(.|\n)*Fix: check the path") as caught:
        open_source(f"{scheme}:{path}")
    assert len(str(caught.value)) < 1_000


def test_a_format_is_told_by_the_bytes_and_not_by_the_name(tmp_path):
    save(tmp_path / "a.bmp", noise(3, 8, 8)).rename(tmp_path / "a.jpg")
    assert np.array_equal(arrays(f"folder:{tmp_path}")[0][0], noise(3, 8, 8))
    (tmp_path / "a.jpg").write_bytes(webp_animation_of_one_frame())
    assert "animated WebP" in read_header(tmp_path / "a.jpg").problem
