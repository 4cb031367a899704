# A token that is not valid, without a vector: an illegal instruction.
# status: 132
# stderr: a guard failed and there is no vector for it
_start: mj.gwatch 1
