# What classes and modules hold changes while hot code, also the code being recorded, relies on it.
class Counted:
    made = 0

    def __init__(self, x):
        self.x = x
        Counted.made += 1


for i in range(5000):
    Counted(i)
print(Counted.made)

total = 0


def add(n):
    global total
    total += n
    return total


for i in range(5000):
    add(1)
print(total)


class Shape:
    sides = 3

    def area(self):
        return self.sides * 10


s = Shape()
seen = []
for i in range(3000):
    if i % 500 == 250:
        Shape.sides += 1
    a = s.area()
    if i % 500 in (0, 249, 250, 251):
        seen.append(a)
print(seen)


class Loud(Shape):
    def area(self):
        return super().area() + 1


def other(self):
    return -self.sides


out = 0
for i in range(2000):
    out += Loud().area()
    if i == 1000:
        Shape.area = other
    if i == 1500:
        del Shape.area
        Shape.area = lambda self: 7
print(out)

switch = 1
acc = 0
for i in range(1000):
    if i == 700:
        switch = 100
    acc += switch
print(acc)
