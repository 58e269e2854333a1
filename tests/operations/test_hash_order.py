from __future__ import annotations

import json
import random
import shutil
import subprocess
import uuid
from typing import TYPE_CHECKING

import pytest

from tui_migrate.errors import UsageError
from tui_migrate.operations.hash_order import (
    bins_stay_lists,
    find_stopper,
    java_hash,
    table_size,
    visit_order,
)

if TYPE_CHECKING:
    from pathlib import Path

JAVA = """
import java.util.*;
public class Order {
  public static void main(String[] arguments) throws Exception {
    try (var in = new Scanner(System.in, "UTF-8")) {
      in.useDelimiter("\\n");
      var line = new StringBuilder();
      while (in.hasNext()) {
        var set = new HashSet<String>();
        for (String id : in.next().split("\\t")) set.add(id);
        for (String id : set) line.append(id).append('\\t');
        line.setLength(line.length() - 1);
        line.append('\\n');
      }
      System.out.write(line.toString().getBytes("UTF-8"));
      System.out.flush();
    }
  }
}
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [("", 0), ("a", 97), ("hello", 99162322), ("polygenelubricants", 0x80000000), ("\U0001f600", 1772899)],
)
def test_java_hash_is_string_hash_code(text: str, value: int) -> None:
    assert java_hash(text) == value


@pytest.mark.parametrize(("count", "size"), [(0, 16), (12, 16), (13, 32), (24, 32), (25, 64), (201, 512), (192, 256)])
def test_a_table_doubles_above_three_quarters(count: int, size: int) -> None:
    assert table_size(count) == size


def test_ids_of_one_bin_are_visited_as_they_were_sent() -> None:
    # "Aa" and "BB" have the same hash.
    assert visit_order(["BB", "Aa"]) == ("BB", "Aa")
    assert visit_order(["Aa", "BB", "Aa"]) == ("Aa", "BB")


@pytest.mark.parametrize("count", [1, 2, 12, 13, 200, 303])
def test_a_stopper_is_visited_last(count: int) -> None:
    source = random.Random(count)
    ids = [str(uuid.UUID(int=source.getrandbits(128))) for _ in range(count)]
    stopper = find_stopper(ids)
    assert visit_order([*ids, stopper])[-1] == stopper
    assert stopper not in ids


def test_no_stopper_is_better_than_a_wrong_one() -> None:
    with pytest.raises(UsageError, match="smaller chunks"):
        find_stopper(["a"], lambda: "a")


def test_full_bins_are_noticed() -> None:
    same = ["".join(pair) for pair in _product(["Aa", "BB"], 3)]
    assert len({java_hash(one) for one in same}) == 1
    assert not bins_stay_lists(same)
    assert bins_stay_lists(same[:7])


def test_the_order_is_that_of_java(tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("no Java here to compare with")
    source = random.Random(7)
    sets = [_random_ids(source, source.choice([1, 5, 12, 13, 60, 200, 201, 700])) for _ in range(150)]
    (tmp_path / "Order.java").write_text(JAVA)
    text = "\n".join("\t".join(ids) for ids in sets)
    done = subprocess.run(
        [java, "-XX:TieredStopAtLevel=1", str(tmp_path / "Order.java")],
        input=text.encode(),
        capture_output=True,
        check=True,
        timeout=120,
    )
    answers = [tuple(line.split("\t")) for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(sets)
    for ids, answer in zip(sets, answers, strict=True):
        assert bins_stay_lists(ids), json.dumps(ids)
        assert visit_order(ids) == answer


def _random_ids(source: random.Random, count: int) -> list[str]:
    """Ids as engines make them: UUIDs of both kinds, numbers of a database, and text beyond the basic plane."""
    kind = source.choice(["random", "time", "number", "text"])
    if kind == "number":
        return [str(one) for one in source.sample(range(100_000), count)]
    if kind == "time":
        first = source.getrandbits(32)
        return [f"{first + number:08x}-b1d3-11ef-8bfd-0242ac110002" for number in range(count)]
    if kind == "text":
        return list(dict.fromkeys("".join(source.choices("aäß€😀#:", k=9)) for _ in range(count)))
    return [str(uuid.UUID(int=source.getrandbits(128))) for _ in range(count)]


def _product(parts: list[str], repeat: int) -> list[tuple[str, ...]]:
    import itertools

    return list(itertools.product(parts, repeat=repeat))
