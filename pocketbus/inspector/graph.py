"""The map as a drawing: nodes in columns, in an order in which few lines cross, and the curves between them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

WIDTH, HEIGHT = 200, 46
_GAP_ACROSS, _GAP_DOWN, _MARGIN = 58, 14, 10
_HEADING = 26
_SWEEPS = 4
_LABEL, _NOTE = 24, 27
_SEPARATORS = "-_./"


class Node(Struct, frozen=True):
    """What is drawn as a box; `group` holds how many resources it stands for."""

    key: str
    label: str
    kind: str
    column: int
    note: str = ""
    ready: int = 0
    delayed: int = 0
    in_flight: int = 0
    alarm: bool = False
    href: str = ""
    group: int = 1
    x: float = 0
    y: float = 0

    @property
    def short(self) -> str:
        return _cut(self.label)

    @property
    def short_note(self) -> str:
        return _cut(self.note, _NOTE)


class Edge(Struct, frozen=True):
    """What is drawn as a line; `dead` for the way of dead letters, `count` for lines that it stands for."""

    start: str
    end: str
    href: str = ""
    title: str = ""
    dead: bool = False
    count: int = 1
    curve: str = ""


class Drawing(Struct, frozen=True):
    nodes: list[Node]
    edges: list[Edge]
    headings: list[tuple[float, str]]
    width: float
    height: float


class Graph(Struct):
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def add(self, node: Node) -> None:
        self.nodes[node.key] = node

    def connect(self, edge: Edge) -> None:
        self.edges.append(edge)


def _cut(text: str, most: int = _LABEL) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def found(graph: Graph, search: str) -> Graph:
    """Return the nodes whose name has a text in it, with all that leads to them and comes after them."""
    hits = {key for key, node in graph.nodes.items() if search.lower() in node.label.lower()}
    kept = _reached(hits, ((edge.start, edge.end) for edge in graph.edges)) | _reached(
        hits, ((edge.end, edge.start) for edge in graph.edges)
    )
    return Graph(
        {key: node for key, node in graph.nodes.items() if key in kept},
        [edge for edge in graph.edges if edge.start in kept and edge.end in kept],
    )


def _reached(start: set[str], steps: Iterable[tuple[str, str]]) -> set[str]:
    after: dict[str, list[str]] = defaultdict(list)
    for one, other in steps:
        after[one].append(other)
    reached, pending = set(start), list(start)
    while pending:
        for other in after[pending.pop()]:
            if other not in reached:
                reached.add(other)
                pending.append(other)
    return reached


def prefix_of(label: str) -> str:
    """Return a name up to its first separator."""
    at = min((label.find(one) for one in _SEPARATORS if label.find(one) > 0), default=-1)
    return label if at < 0 else label[: at + 1]


def collapsed(graph: Graph, expanded: Iterable[str]) -> Graph:
    """Draw the nodes of a column whose names begin alike as one, but for the prefixes that are `expanded`."""
    kept = set(expanded)
    groups: dict[tuple[int, str], list[Node]] = defaultdict(list)
    for node in graph.nodes.values():
        groups[node.column, prefix_of(node.label)].append(node)
    into: dict[str, str] = {}
    small = Graph()
    for (column, prefix), members in groups.items():
        if len(members) == 1 or prefix in kept:
            into |= {node.key: node.key for node in members}
            for node in members:
                small.add(node)
        else:
            key = f"group:{column}:{prefix}"
            into |= dict.fromkeys((node.key for node in members), key)
            small.add(_group(key, prefix, members))
    lines: dict[tuple[str, str, bool], list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        lines[into[edge.start], into[edge.end], edge.dead].append(edge)
    for (start, end, _), edges in lines.items():
        small.connect(edges[0] if len(edges) == 1 and start == edges[0].start else _bundle(start, end, edges))
    return small


def _group(key: str, prefix: str, members: list[Node]) -> Node:
    first = members[0]
    return Node(
        key,
        f"{prefix}\u2026",
        first.kind,
        first.column,
        note=f"{len(members)} {first.kind}s",
        ready=sum(node.ready for node in members),
        delayed=sum(node.delayed for node in members),
        in_flight=sum(node.in_flight for node in members),
        alarm=any(node.alarm for node in members),
        group=len(members),
    )


def _bundle(start: str, end: str, edges: list[Edge]) -> Edge:
    return Edge(start, end, title=f"{len(edges)} lines", dead=edges[0].dead, count=len(edges))


def drawn(graph: Graph, headings: Mapping[int, str]) -> Drawing:
    """Place the nodes; columns without any are left out."""
    used = sorted({node.column for node in graph.nodes.values()})
    columns = {column: [key for key, node in graph.nodes.items() if node.column == column] for column in used}
    _untangle(columns, graph.edges)
    placed: dict[str, Node] = {}
    tallest = max(map(len, columns.values()), default=0)
    height = _HEADING + 2 * _MARGIN + tallest * (HEIGHT + _GAP_DOWN)
    for across, column in enumerate(used):
        keys = columns[column]
        x = _MARGIN + across * (WIDTH + _GAP_ACROSS)
        # Short columns stand in the middle of a small drawing; of a tall one they would be out of sight.
        free = (tallest - len(keys)) * (HEIGHT + _GAP_DOWN) / 2 if tallest <= 16 else 0
        for down, key in enumerate(keys):
            y = _HEADING + _MARGIN + free + down * (HEIGHT + _GAP_DOWN)
            placed[key] = replace(graph.nodes[key], x=x, y=y)
    edges = [
        replace(edge, curve=_curve(placed[edge.start], placed[edge.end]))
        for edge in graph.edges
        if edge.start in placed and edge.end in placed
    ]
    titles: list[tuple[float, str]] = [
        (_MARGIN + across * (WIDTH + _GAP_ACROSS), headings[column]) for across, column in enumerate(used)
    ]
    width = 2 * _MARGIN + max(1, len(used)) * (WIDTH + _GAP_ACROSS) - _GAP_ACROSS
    return Drawing(list(placed.values()), edges, titles, width, height)


def _untangle(columns: dict[int, list[str]], edges: Iterable[Edge]) -> None:
    """Order each column by where its neighbours stand: Sugiyama's barycentre heuristic."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    there = {key for keys in columns.values() for key in keys}
    for edge in edges:
        if edge.start in there and edge.end in there:
            neighbours[edge.start].append(edge.end)
            neighbours[edge.end].append(edge.start)
    for sweep in range(_SWEEPS):
        place = {key: row / len(keys) for keys in columns.values() for row, key in enumerate(keys)}
        for column in sorted(columns, reverse=sweep % 2 == 1):
            keys = columns[column]
            centre = {
                key: sum(place[one] for one in neighbours[key]) / len(neighbours[key])
                if neighbours[key]
                else place[key]
                for key in keys
            }
            keys.sort(key=lambda key: (centre[key], key))
            place |= {key: row / len(keys) for row, key in enumerate(keys)}


def _curve(start: Node, end: Node) -> str:
    y1, y2 = start.y + HEIGHT / 2, end.y + HEIGHT / 2
    if end.x > start.x:
        x1, x2 = start.x + WIDTH, end.x
        bend = (x2 - x1) / 2
        return f"M{x1:g},{y1:g} C{x1 + bend:g},{y1:g} {x2 - bend:g},{y2:g} {x2:g},{y2:g}"
    # Back, or down in the same column: around the right.
    x1, x2 = start.x + WIDTH, end.x + WIDTH
    out = max(x1, x2) + _GAP_ACROSS / 2
    return f"M{x1:g},{y1:g} C{out:g},{y1:g} {out:g},{y2:g} {x2:g},{y2:g}"
