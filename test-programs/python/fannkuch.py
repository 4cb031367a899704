# Pancake flips over all permutations: list subscripts, slices and small integer loops.
# bench-args: small=7 large=9
import sys


def fannkuch(n):
    perm1 = list(range(n))
    count = [0] * n
    max_flips = 0
    checksum = 0
    sign = 1
    r = n
    while True:
        while r > 1:
            count[r - 1] = r
            r -= 1
        first = perm1[0]
        if first != 0:
            perm = perm1[:]
            flips = 0
            while first != 0:
                low = 1
                high = first - 1
                while low < high:
                    perm[low], perm[high] = perm[high], perm[low]
                    low += 1
                    high -= 1
                following = perm[first]
                perm[first] = first
                first = following
                flips += 1
            if flips > max_flips:
                max_flips = flips
            checksum += sign * flips
        # The next permutation: swap the first two, or rotate a longer prefix.
        if sign == 1:
            perm1[0], perm1[1] = perm1[1], perm1[0]
            sign = -1
        else:
            perm1[1], perm1[2] = perm1[2], perm1[1]
            sign = 1
            r = 2
            while True:
                if r == n:
                    return checksum, max_flips
                count[r] -= 1
                if count[r] > 0:
                    break
                if r == n - 1:
                    return checksum, max_flips
                head = perm1[0]
                for i in range(r + 1):
                    perm1[i] = perm1[i + 1]
                perm1[r + 1] = head
                r += 1


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    checksum, flips = fannkuch(n)
    print("%d\nPfannkuchen(%d) = %d" % (checksum, n, flips))


main()
