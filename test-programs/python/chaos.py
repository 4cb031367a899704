# A chaos game on a spline: small vector objects with operators, a random number generator of its own, a picture as nested lists.
# bench-args: small=1000 large=40000
import sys


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y


class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 1103515245 + 12345) % 2147483648
        return (self.state >> 8) % n

    def fraction(self):
        self.state = (self.state * 1103515245 + 12345) % 2147483648
        return self.state / 2147483648.0


class Spline:
    def __init__(self, points):
        self.points = points

    def at(self, t):
        # A quadratic curve through control points, by de Casteljau's scheme.
        span = t * (len(self.points) - 2)
        i = int(span)
        if i > len(self.points) - 3:
            i = len(self.points) - 3
        u = span - i
        a, b, c = self.points[i], self.points[i + 1], self.points[i + 2]
        p = a + (b - a) * u
        q = b + (c - b) * u
        return p + (q - p) * u


class Picture:
    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.rows = [[0] * width for _ in range(height)]

    def plot(self, point):
        x = int(point.x * self.width)
        y = int(point.y * self.height)
        if 0 <= x < self.width and 0 <= y < self.height:
            self.rows[y][x] += 1
            return True
        return False


def game(steps):
    random = Random(1234)
    splines = [
        Spline([Vector(0.1, 0.1), Vector(0.3, 0.9), Vector(0.5, 0.4), Vector(0.9, 0.8)]),
        Spline([Vector(0.8, 0.1), Vector(0.6, 0.6), Vector(0.2, 0.7), Vector(0.4, 0.2)]),
        Spline([Vector(0.5, 0.9), Vector(0.9, 0.5), Vector(0.5, 0.1), Vector(0.1, 0.5)]),
    ]
    picture = Picture(64, 64)
    point = Vector(0.5, 0.5)
    plotted = 0
    for _ in range(steps):
        spline = splines[random.below(3)]
        target = spline.at(random.fraction())
        point = point + (target - point) * 0.5
        if picture.plot(point):
            plotted += 1
    return picture, plotted, point


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 40000
    picture, plotted, point = game(steps)
    checksum = 0
    for row in picture.rows:
        for n in row:
            checksum = (checksum * 37 + n) % 1000000007
    print("%d plotted, checksum %d, last point %.6f %.6f" % (plotted, checksum, point.x, point.y))
    print("%.6f" % point.dot(point))


main()
