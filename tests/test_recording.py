"""A figure is drawn once: what is played from the recording is what the canvas would have drawn itself."""

import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from childrens_services.telling import formats, style
from childrens_services.telling.recording import played, record_steps


@pytest.fixture
def figure():
    """A figure with all that charts are made of: lines, marks, bars, bands, words of two lines, clips and a key."""
    fig, (ax, other) = style.blank(3.0, columns=2)
    ax.plot([2019, 2021, 2024], [64.5, 71.0, 58.2], "o-", label="Nottingham")
    ax.fill_between([2019, 2024], [50, 52], [80, 85], alpha=0.3)
    ax.set_ylim(55, 75)  # so that the band is cut at the frame
    ax.annotate("judged\ninadequate", (2022, 60), xytext=(8, 12), textcoords="offset points", ha="right",
                bbox={"facecolor": "white"})  # fmt: skip
    other.barh(["Leeds", "Bristol"], [3, 5], color=["#12436D", "#F46A25"])
    other.scatter([1, 2, 4], [0, 1, 0], s=[20, 40, 80], zorder=3, edgecolors="white")
    fig.legend(loc="upper left")
    yield fig
    plt.close(fig)


def svg(fig):
    drawn = io.BytesIO()
    with plt.rc_context({"svg.hashsalt": "one"}):
        fig.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()


def test_a_pdf_that_is_played_is_the_drawing_itself(figure):
    drawn, again = io.BytesIO(), io.BytesIO()

    figure.savefig(drawn, format="pdf", metadata={"CreationDate": None})
    with played(figure, record_steps(figure)):
        figure.savefig(again, format="pdf", metadata={"CreationDate": None})

    assert again.getvalue() == drawn.getvalue()


def test_a_drawing_as_svg_that_is_played_is_the_same_within_a_twentieth_of_a_point(figure):
    drawn = svg(figure)
    with played(figure, record_steps(figure)):
        again = svg(figure)

    # Words are measured there in another way; names of shapes are made of the shapes.
    (one, places), (other, moved) = (numbers(text) for text in (drawn, again))
    assert one == other
    assert np.abs(places - moved).max() < 0.05


def numbers(text):
    """Split a drawing into what is no place, and its places."""
    nameless = re.sub(r"[mp][0-9a-f]{10}", "", text.decode())
    return re.sub(r"-?\d+\.?\d*", "0", nameless), np.array(re.findall(r"-?\d+\.?\d*", nameless), float)


@pytest.mark.parametrize("dpi", [50, 200])
def test_a_picture_that_is_played_differs_by_less_than_anyone_sees(figure, dpi):
    direct = np.asarray(formats.paint(figure, dpi).convert("L").reduce(4)).astype(int)

    with played(figure, record_steps(figure)):
        again = np.asarray(formats.paint(figure, dpi).convert("L").reduce(4)).astype(int)

    assert again.shape == direct.shape
    assert direct.min() < 128  # there is something to see
    assert np.abs(again - direct).mean() < 0.5  # of 255 shades
    assert np.abs(again - direct).max() < 64


def test_a_recording_stays_what_it_was_when_the_figure_changes(figure):
    steps = record_steps(figure)
    with played(figure, steps):
        before = svg(figure)

    figure.set_dpi(31)
    figure.axes[0].set_xlim(1900, 2100)
    with played(figure, steps):
        after = svg(figure)

    assert after == before


def test_a_figure_draws_itself_again_after_it_was_played(figure):
    steps = record_steps(figure)

    with played(figure, steps):
        pass
    figure.axes[0].set_title("Changed")

    assert b"<!-- Changed -->" in svg(figure)


def test_a_picture_inside_a_chart_is_refused():
    fig, (ax,) = style.blank(2.0)
    ax.imshow(np.zeros((2, 2)))

    with pytest.raises(NotImplementedError, match="leave the picture out"):
        record_steps(fig)

    plt.close(fig)
