# All ways to put n queens on a board: recursion with lists of flags, integers and branches that are hard to predict.
# bench-args: small=6 large=11
import sys


def place(row, n, columns, up, down):
    if row == n:
        return 1
    count = 0
    for column in range(n):
        if columns[column] and up[row + column] and down[row - column + n - 1]:
            columns[column] = False
            up[row + column] = False
            down[row - column + n - 1] = False
            count += place(row + 1, n, columns, up, down)
            columns[column] = True
            up[row + column] = True
            down[row - column + n - 1] = True
    return count


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    total = place(0, n, [True] * n, [True] * (2 * n - 1), [True] * (2 * n - 1))
    print("%d queens: %d solutions" % (n, total))


main()
