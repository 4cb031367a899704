# Points on a curve, normalised and compared: objects with float attributes, method calls, many allocations.
# bench-args: small=500 large=30000
import sys
from math import cos, sin, sqrt


class Point:
    def __init__(self, i):
        x = sin(i)
        self.x = x
        self.y = cos(i) * 3
        self.z = (x * x) / 2

    def normalise(self):
        norm = sqrt(self.x * self.x + self.y * self.y + self.z * self.z)
        self.x /= norm
        self.y /= norm
        self.z /= norm

    def maximise(self, other):
        self.x = self.x if self.x > other.x else other.x
        self.y = self.y if self.y > other.y else other.y
        self.z = self.z if self.z > other.z else other.z
        return self

    def __repr__(self):
        return "<Point: x=%.9f, y=%.9f, z=%.9f>" % (self.x, self.y, self.z)


def maximum(points):
    result = points[0]
    for i in range(1, len(points)):
        result = result.maximise(points[i])
    return result


def round_of(n):
    points = [None] * n
    for i in range(n):
        points[i] = Point(i)
    for point in points:
        point.normalise()
    return maximum(points)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 30000
    for _ in range(8):
        result = round_of(n)
    print(result)


main()
