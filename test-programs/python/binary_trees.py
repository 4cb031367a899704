# Many short-lived binary trees and one that stays: allocation, recursion and garbage collection.
# bench-args: small=7 large=14
import sys


class Node:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def build(depth):
    if depth == 0:
        return Node(None, None)
    return Node(build(depth - 1), build(depth - 1))


def check(node):
    if node.left is None:
        return 1
    return 1 + check(node.left) + check(node.right)


def main():
    max_depth = int(sys.argv[1]) if len(sys.argv) > 1 else 14
    min_depth = 4
    print("stretch tree of depth %d\t check: %d" % (max_depth + 1, check(build(max_depth + 1))))
    long_lived = build(max_depth)
    for depth in range(min_depth, max_depth + 1, 4):
        rounds = 1 << (max_depth - depth + min_depth)
        total = 0
        for _ in range(rounds // 4):
            total += check(build(depth))
        print("%d\t trees of depth %d\t check: %d" % (rounds // 4, depth, total))
    print("long lived tree of depth %d\t check: %d" % (max_depth, check(long_lived)))


main()
