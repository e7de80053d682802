"""RFC 6962, section 2.1: the hash tree over the entries."""
from signing import sha256


def leaf(body):
    return sha256(b"\0", body)


def parent(left, right):
    return sha256(b"\1", left, right)


class Tree:
    """levels[k][n] covers the leaves n * 2^k .. (n + 1) * 2^k - 1; only nodes whose leaves are all there."""

    def __init__(self, bodies):
        self.levels = [[leaf(b) for b in bodies]]
        while len(self.levels[-1]) > 1:
            low = self.levels[-1]
            self.levels.append([parent(low[n], low[n + 1]) for n in range(0, len(low) - 1, 2)])
        if not self.levels[0]:
            self.levels = []

    @property
    def size(self):
        return len(self.levels[0]) if self.levels else 0

    def root(self, size):
        """Root of the tree of the first `size` leaves."""
        if size == 0:
            return sha256(b"")
        parts, at, level = [], 0, size.bit_length() - 1
        while at < size:
            if size - at >= 1 << level:
                parts.append(self.levels[level][at >> level])
                at += 1 << level
            level -= 1
        h = parts.pop()
        while parts:
            h = parent(parts.pop(), h)
        return h

    def rows(self):
        return {(k, n): h for k, level in enumerate(self.levels) for n, h in enumerate(level)}
