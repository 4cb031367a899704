# Conway's game of life on a torus: integer arithmetic with wrap-around, attributes that never change, nested loops.
# bench-args: small=64,20 large=64,200
import sys


class World:
    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.cells = [0] * (width * height)

    def set(self, x, y):
        self.cells[y % self.height * self.width + x % self.width] = 1

    def neighbours(self, x, y):
        cells = self.cells
        count = 0
        for dy in (-1, 0, 1):
            row = (y + dy) % self.height * self.width
            for dx in (-1, 0, 1):
                if dx != 0 or dy != 0:
                    count += cells[row + (x + dx) % self.width]
        return count

    def step(self):
        born = [0] * len(self.cells)
        for y in range(self.height):
            for x in range(self.width):
                n = self.neighbours(x, y)
                at = y * self.width + x
                if n == 3 or (n == 2 and self.cells[at] == 1):
                    born[at] = 1
        self.cells = born

    def population(self):
        return sum(self.cells)


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    world = World(size, size)
    for x, y in ((1, 0), (2, 1), (0, 2), (1, 2), (2, 2)):
        world.set(x, y)
    for i in range(10):
        world.set(size // 2 + i, size // 2)
    seed = 42
    for _ in range(size * size // 4):
        seed = (seed * 1103515245 + 12345) % 2147483648
        world.set(seed // 65536, seed // 7)
    for i in range(rounds):
        if i % 10 == 0:
            print("%4d %d" % (i, world.population()))
        world.step()
    print("end  %d" % world.population())


main()
