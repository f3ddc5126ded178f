"""The frozen Inception graph, on a tiny one of the same names: features by hand, the file, the download."""

import hashlib

import numpy as np
import pytest

from tests.metrics import tiny_inception
from tests.metrics.references import softmax
from tfgan_tricks.data import to_float
from tfgan_tricks.metrics import FID, InceptionFID, InceptionScore, Samples, inception_graph

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 9, 12, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tiny_inception.write(tmp_path_factory.mktemp("inception") / inception_graph.FILE)


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_features_are_those_of_the_pooling_after_the_graphs_own_resizer(file):
    extractor = InceptionFID(file, batch_size=3)
    found = extractor(IMAGES)
    assert found.shape == (7, tiny_inception.FILTERS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, tiny_inception.features(IMAGES), rtol=1e-4, atol=1e-5)
    assert found.std(axis=0).min() > 1e-3, "images differ"


def test_floats_and_gray_images_are_what_their_bytes_are(file):
    extractor = InceptionFID(file)
    np.testing.assert_array_equal(extractor(to_float(IMAGES)), extractor(IMAGES))
    gray = IMAGES[..., :1]
    np.testing.assert_allclose(extractor(gray), extractor(np.repeat(gray, 3, axis=-1)), rtol=1e-6)
    with pytest.raises(ValueError, match="images of 2 channels"):
        extractor(IMAGES[..., :2])


def test_probabilities_leave_out_the_bias_as_published_scores_do(file):
    extractor = InceptionFID(file)
    logits = tiny_inception.features(IMAGES) @ tiny_inception.WEIGHTS
    np.testing.assert_allclose(extractor.probabilities(IMAGES), softmax(logits), rtol=1e-4)
    np.testing.assert_allclose(extractor.probabilities(None, extractor(IMAGES)), softmax(logits), rtol=1e-4)


def test_metrics_carry_the_hash_of_another_graph_than_the_published_one(file):
    extractor = InceptionFID(str(file))
    samples = Samples(IMAGES, extractor=extractor, split="train")
    result = FID()(samples, Samples(IMAGES[:5], extractor=extractor))
    assert result.name == f"fid[inception-{digest(file)[:8]},7/5,train]"
    assert result.protocol["feature_settings"] == {"sha256": digest(file), "published": False}
    assert 1.0 < InceptionScore(splits=1)(None, samples).value < tiny_inception.CLASSES


def test_the_published_graph_has_the_name_of_its_year(file, monkeypatch):
    monkeypatch.setattr("tfgan_tricks.metrics.inception.SHA256", digest(file))
    extractor = InceptionFID(file)
    assert extractor.name == "inception-2015"
    assert extractor.settings["published"] is True


def test_a_missing_file_says_which_one_to_put_where(tmp_path, monkeypatch):
    monkeypatch.setenv("TFGAN_TRICKS_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ValueError, match="no file") as error:
        InceptionFID()
    for words in [
        str(tmp_path / "cache" / inception_graph.FILE),
        inception_graph.ADDRESS,
        "download=True",
        "Classifier",
    ]:
        assert words in str(error.value)
    with pytest.raises(ValueError, match="elsewhere"):
        InceptionFID(tmp_path / "elsewhere.pb", download=True)


def test_the_file_in_the_cache_folder_is_found(file, monkeypatch):
    monkeypatch.setenv("TFGAN_TRICKS_CACHE", str(file.parent))
    assert InceptionFID().settings["sha256"] == digest(file)


def test_a_download_is_made_once_and_only_kept_if_its_hash_is_right(file, tmp_path, monkeypatch):
    kept = tmp_path / "cache" / inception_graph.FILE
    monkeypatch.setenv("TFGAN_TRICKS_CACHE", str(kept.parent))
    monkeypatch.setattr(inception_graph, "ADDRESS", file.as_uri())
    with pytest.raises(ValueError, match=digest(file)):
        InceptionFID(download=True)
    assert not list(kept.parent.iterdir())
    monkeypatch.setattr(inception_graph, "SHA256", digest(file))
    InceptionFID(download=True)
    assert kept.read_bytes() == file.read_bytes()
    monkeypatch.setattr(inception_graph, "ADDRESS", "file:///nowhere")
    np.testing.assert_array_equal(InceptionFID(download=True)(IMAGES), InceptionFID(file)(IMAGES))


def test_a_download_that_fails_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("TFGAN_TRICKS_CACHE", str(tmp_path))
    monkeypatch.setattr(inception_graph, "ADDRESS", (tmp_path / "nothing").as_uri())
    with pytest.raises(ValueError, match="could not be downloaded"):
        InceptionFID(download=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"no graph at all", b""], ids=["text", "empty"])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "other.pb"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="holds no Inception graph"):
        InceptionFID(path)(IMAGES)
