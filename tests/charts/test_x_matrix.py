"""The geometry of the X-matrix: what meets where, what fits, and what is handed back."""

from __future__ import annotations

from itertools import combinations

import pytest

from hoshin.charts.matrix_shapes import Arm, Link, MatrixItem, Owner, OwnerLink, XMatrix
from hoshin.charts.signs import grades_of
from hoshin.charts.text import width
from hoshin.charts.x_matrix import CORNERS, x_matrix

LONG = (
    "Replace the solvent lacquer line with waterborne lacquer before the permit runs out in the autumn of next year "
    * 3
)
ARMS = ("south", "west", "north", "east")


def arm(name: str, count: int, title: str = "Shorten quotations") -> Arm:
    items = [MatrixItem(f"{name}:{n}", f"{title} {n}", f"/{n}", "3/5", "hit") for n in range(count)]
    return Arm(name.title(), tuple(items))


def sheet(
    counts: tuple[int, int, int, int] = (5, 8, 10, 15),
    links: tuple[Link, ...] = (),
    owners: int = 4,
    owner_links: tuple[OwnerLink, ...] = (),
    title: str = "Shorten quotations",
    questions: dict[str, str] | None = None,
    vision: str = "A table that outlives its first owner",
) -> XMatrix:
    south, west, north, east = (arm(name, count, title) for name, count in zip(ARMS, counts, strict=True))
    people = [Owner(f"owner:{n}", f"Person {n}") for n in range(owners)]
    return x_matrix(
        key="m", title="Sheet", vision=vision, south=south, west=west, north=north, east=east, links=links,
        owners=people, owner_links=owner_links, questions=questions,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "corner"),
    [
        ("south:1", "west:2", "south-west"),
        ("west:2", "north:3", "north-west"),
        ("north:3", "east:4", "north-east"),
        ("east:4", "south:1", "south-east"),
    ],
)
def test_a_link_lands_in_the_corner_of_its_two_arms(a: str, b: str, corner: str) -> None:
    """Whichever way round it is given, at the crossing of its row and its column."""
    for one, other in ((a, b), (b, a)):
        drawn = sheet(links=(Link(one, other, 9),))
        mark, slots = drawn.marks[0], {slot.key: slot for slot in drawn.slots}
        field = next(each for each in drawn.corners if each.name == corner)
        assert mark.corner == corner
        assert field.x < mark.x < field.x + field.width
        assert field.y < mark.y < field.y + field.height
        assert mark.y == slots[mark.row].middle[1]
        assert mark.x == slots[mark.column].middle[0]
        assert (slots[mark.row].arm, slots[mark.column].arm) == CORNERS[corner]


def test_links_that_no_corner_can_take_are_handed_back() -> None:
    """Facing arms, one arm with itself, and items that are not on the sheet."""
    links = (
        Link("south:0", "north:0", 9),
        Link("west:0", "east:0", 3),
        Link("west:0", "west:1", 3),
        Link("west:0", "kpi:of-another-unit", 1),
        Link("south:0", "east:0", 1),
    )
    drawn = sheet(links=links)
    assert drawn.unplaced == links[:4]
    assert [mark.shape for mark in drawn.marks] == ["triangle"]


def test_of_two_links_between_one_pair_the_stronger_is_drawn_once() -> None:
    """The cell holds one mark."""
    drawn = sheet(links=(Link("south:0", "west:0", 1), Link("west:0", "south:0", 9)))
    assert [mark.shape for mark in drawn.marks] == ["disc"]


def test_owners_meet_rows_and_the_rest_is_handed_back() -> None:
    """A turned column and a turned owner cannot cross; responsible wins over supporting."""
    parts = (
        OwnerLink("owner:0", "north:1", responsible=False),
        OwnerLink("owner:0", "north:1"),
        OwnerLink("owner:1", "south:0", responsible=False),
        OwnerLink("owner:1", "west:0"),
    )
    drawn = sheet(owner_links=parts)
    assert drawn.unplaced_owners == parts[3:]
    assert [(mark.corner, mark.shape) for mark in drawn.marks] == [("north-owners", "disc"), ("south-owners", "ring")]
    assert "is responsible for" in drawn.marks[0].title


@pytest.mark.parametrize("counts", [(5, 8, 10, 15), (15, 25, 30, 40), (1, 1, 1, 1), (0, 0, 0, 0)])
def test_no_two_boxes_overlap_and_all_stand_on_the_sheet(counts: tuple[int, int, int, int]) -> None:
    """Items, corners and the centre tile the sheet, however many there are."""
    drawn = sheet(counts)
    boxes = [slot.box for slot in drawn.slots]
    boxes += [(each.x, each.y, each.x + each.width, each.y + each.height) for each in drawn.corners]
    middle = drawn.centre
    boxes.append((middle.x, middle.y, middle.x + middle.width, middle.y + middle.height))
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= drawn.width
        assert 0 <= top < bottom <= drawn.height
    for one, other in combinations(boxes, 2):
        apart_across = one[2] <= other[0] + 0.01 or other[2] <= one[0] + 0.01
        apart_down = one[3] <= other[1] + 0.01 or other[3] <= one[1] + 0.01
        assert apart_across or apart_down


@pytest.mark.parametrize("counts", [(5, 8, 10, 15), (15, 25, 30, 40)])
def test_titles_stay_clear_of_their_figures_and_inside_their_box(counts: tuple[int, int, int, int]) -> None:
    """A title of 300 characters is shortened on the sheet and whole in its tooltip."""
    drawn = sheet(counts, title=LONG)
    for slot in drawn.slots:
        limit = slot.chip_x if slot.chip_width else slot.length
        for line in slot.lines:
            assert line.x + width(text=line.text, size=drawn.font_size) <= limit
            assert drawn.font_size * 0.7 <= line.y <= slot.thickness
        assert slot.title.startswith(("Replace", "Person"))
    assert any(slot.lines[-1].text.endswith("…") and slot.title.strip() != slot.lines[-1].text for slot in drawn.slots)


def test_two_lines_are_given_where_there_is_room_for_them() -> None:
    """Few long titles get a second line; many get one."""
    assert {len(slot.lines) for slot in sheet(title=LONG).slots if slot.arm == "west"} == {2}
    assert {len(slot.lines) for slot in sheet((15, 25, 30, 40), title=LONG).slots} == {1}


def test_items_count_outwards_from_the_centre() -> None:
    """Number one lies next to the X on every side."""
    drawn = sheet()
    middle = (drawn.centre.x + drawn.centre.width / 2, drawn.centre.y + drawn.centre.height / 2)
    for name in ARMS:
        slots = [slot for slot in drawn.slots if slot.arm == name]
        away = [abs(slot.middle[0] - middle[0]) + abs(slot.middle[1] - middle[1]) for slot in slots]
        assert away == sorted(away)
        assert [slot.number for slot in slots] == [str(n + 1) for n in range(len(slots))]


def test_south_and_north_are_rows_west_and_east_are_turned() -> None:
    """Only the columns are turned, and they are as long as the centre is high."""
    drawn = sheet()
    assert {slot.arm for slot in drawn.slots if slot.turn} == {"west", "east", "owners"}
    assert {slot.length for slot in drawn.slots if slot.turn} == {drawn.centre.height}


def test_what_is_linked_to_nothing_is_marked() -> None:
    """An item without any drawn link is marked where it stands; owners never are."""
    drawn = sheet(links=(Link("south:0", "west:0", 9), Link("south:1", "north:1", 9)))
    unlinked = {slot.key for slot in drawn.slots if slot.unlinked}
    assert not unlinked & {"south:0", "west:0", "owner:0"}
    assert {"south:1", "north:1", "west:1"} <= unlinked


def test_an_empty_arm_says_so_and_keeps_the_shape() -> None:
    """A newcomer's matrix is still an X-matrix."""
    drawn = sheet((2, 3, 0, 0), owners=0)
    assert [slot.title for slot in drawn.slots if not slot.key] == ["North: none yet", "East: none yet"]
    assert {corner.name for corner in drawn.corners} == {name for name in CORNERS if "owners" not in name}


def test_an_item_that_stands_twice_is_refused() -> None:
    """Two items of one key could not be told apart."""
    both = arm("south", 1)
    with pytest.raises(ValueError, match="twice"):
        x_matrix(key="m", title="", vision="", south=both, west=both, north=Arm("n"), east=Arm("e"))


def test_the_vision_stands_whole_in_its_box() -> None:
    """A vision of 250 characters gets smaller letters, not an ellipsis."""
    vision = ("By 2030 every public kitchen in the north can rent, repair and return what we build. " * 3)[:250]
    drawn = sheet(vision=vision)
    left, top, across, down = drawn.centre.vision_box
    assert " ".join(line.text for line in drawn.centre.vision) == vision.strip()
    for line in drawn.centre.vision:
        assert width(text=line.text, size=drawn.centre.vision_size, bold=True) <= across
        assert top < line.y < top + down
        assert left < line.x < left + across


def test_questions_stand_outside_the_corners() -> None:
    """Above the northern corners and below the southern ones, never over a cell."""
    drawn = sheet(questions=dict.fromkeys(CORNERS, "Does this action carry the priority out?"))
    for corner in drawn.corners:
        for line in corner.caption:
            assert 0 < line.y < corner.y or corner.y + corner.height < line.y < drawn.height


def test_the_legend_stands_below_and_inside_the_sheet() -> None:
    """However narrow the sheet."""
    for counts in ((1, 1, 1, 1), (15, 25, 30, 40)):
        drawn = sheet(counts)
        lowest = max(slot.box[3] for slot in drawn.slots)
        for entry in drawn.legend:
            assert lowest < entry.y < drawn.height
            assert entry.text_x + width(text=entry.text, size=10.5) <= drawn.width


@pytest.mark.parametrize(("glyphs", "shapes"), [("triangle", "disc ring triangle"), ("moon", "disc half ring")])
def test_an_organisation_chooses_its_signs(glyphs: str, shapes: str) -> None:
    """Marks and legend say strong, medium and weak in the same signs."""
    south, west, north, east = (arm(name, 3) for name in ARMS)
    links = [Link("south:0", f"west:{n}", strength, "") for n, strength in enumerate((9, 3, 1))]
    drawn = x_matrix(
        key="m", title="Sheet", vision="v", south=south, west=west, north=north, east=east, links=links, glyphs=glyphs,
        figures=False,
    )  # fmt: skip
    assert [mark.shape for mark in drawn.marks] == shapes.split()
    assert [entry.shape for entry in drawn.legend if entry.text[-1].isdigit()] == shapes.split()
    assert not any(entry.shape == "glyph" for entry in drawn.legend), "no verdicts without figures"


def test_there_is_no_third_family_of_signs() -> None:
    with pytest.raises(ValueError, match="family"):
        grades_of(glyphs="stars")
