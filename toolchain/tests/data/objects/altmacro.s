# .altmacro: parameters without a backslash, LOCAL, <text>, %expression, &.
	.altmacro
	.macro pair a, b
	LOCAL first, second
first:	.word a, b
second:	.word \a, second - first
	.ascii "a &a \a"
	.endm
	pair %1+2*3, <4>
	pair 5 6
	.macro string s
	.ascii s
	.endm
	string <"x!>y">
	string "p,q"
	string <"<nested>">
	.macro named x
x&_s:	.word 1
p_&x:	.word 2
q_&x&_z:	.word 3
w\x:	.word 4
xy:	.word 5
	.endm
	named foo
	.irp r, 1, %2+3, <4>
	.word r
	.endr
	.macro wait count
	LOCAL again
	li	t0, count
again:	addi	t0, t0, -1
	bnez	t0, again
	.endm
	wait %(1 << 4)
	wait 3
	.macro default v=7, w
	.word v
	.byte w + 1
	.endm
	default , 2
	.set here, 40
	default %here+2, 1
	.noaltmacro
	.macro plain a
	.word \a
	.endm
	plain 9
