# An uncaught exception: output before it, a traceback on the standard error, exit status 1.
def inner(n):
    return 10 // n


def outer(n):
    return inner(n)


print("before")
print(outer(5))
outer(0)
print("never")
