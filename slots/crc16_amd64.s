//go:build !purego

#include "textflag.h"
#include "funcdata.h"

// crc16_clmul.go has the mathematics and the constants.

// The 16 bytes from 16-n on, as a shuffle, turn n bytes in memory order into a
// number of 128 bits: they reverse the first n and clear the rest.
DATA reverse<>+0x00(SB)/8, $0x08090a0b0c0d0e0f
DATA reverse<>+0x08(SB)/8, $0x0001020304050607
DATA reverse<>+0x10(SB)/8, $0x8080808080808080
DATA reverse<>+0x18(SB)/8, $0x8080808080808080
GLOBL reverse<>(SB), RODATA|NOPTR, $32

// The 16 bytes from k on, as a shuffle, drop the first k bytes.
DATA drop<>+0x00(SB)/8, $0x0706050403020100
DATA drop<>+0x08(SB)/8, $0x0f0e0d0c0b0a0908
DATA drop<>+0x10(SB)/8, $0x8080808080808080
DATA drop<>+0x18(SB)/8, $0x8080808080808080
GLOBL drop<>(SB), RODATA|NOPTR, $32

DATA open<>+0x00(SB)/8, $0x7b7b7b7b7b7b7b7b
DATA open<>+0x08(SB)/8, $0x7b7b7b7b7b7b7b7b
GLOBL open<>(SB), RODATA|NOPTR, $16
DATA close<>+0x00(SB)/8, $0x7d7d7d7d7d7d7d7d
DATA close<>+0x08(SB)/8, $0x7d7d7d7d7d7d7d7d
GLOBL close<>(SB), RODATA|NOPTR, $16

// FOLD: sum ^= x·(x to the power of 128, 256, 384, 512 for by = 0x00, 0x10,
// 0x20, 0x30). Needs X13 and X14.
#define FOLD(x, by, sum) \
	VPCLMULQDQ $0x00, ·foldBy+by(SB), x, X13 \
	VPCLMULQDQ $0x11, ·foldBy+by(SB), x, X14 \
	VPXOR      X13, sum, sum                  \
	VPXOR      X14, sum, sum

// UNLESS_OPEN jumps to brace64 if x has a '{' and tags matter.
#define UNLESS_OPEN(x) \
	VPMOVMSKB x, AX   \
	TESTL     R9, AX  \
	JNZ       brace64

// func tagCRC16(p *byte, n int, scan uint32) uint16
TEXT ·tagCRC16(SB), NOSPLIT, $0-26
	CMPB ·hasAsm(SB), $0
	JEQ  portable
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), BX
	MOVL scan+16(FP), R9

start:
	LEAQ -1(BX), CX
	CMPQ CX, $16
	JAE  over16

	// 1 to 16 bytes: one load, which must not reach into the next page.
	MOVL SI, DX
	ANDL $0xfff, DX
	CMPL DX, $0xff0
	JA   edge
	VMOVDQU (SI), X1

loaded:
	LEAQ      reverse<>+16(SB), DI
	SUBQ      BX, DI
	VPSHUFB   (DI), X1, X0
	VPCMPEQB  open<>(SB), X0, X2
	VPMOVMSKB X2, AX
	ANDL      R9, AX
	JNZ       brace16

final:
	// X0·x¹⁶ mod P, from the low 16 bits q of the quotient:
	// the remainder is q·(x¹²+x⁵+1).
	VPCLMULQDQ $0x00, ·quotient+0x00(SB), X0, X1
	VPCLMULQDQ $0x11, ·quotient+0x00(SB), X0, X2
	VPCLMULQDQ $0x11, ·quotient+0x10(SB), X0, X3
	VPXOR      X2, X1, X1
	VPSRLDQ    $8, X1, X1
	VPXOR      X3, X0, X0
	VPXOR      X1, X0, X0
	VMOVD      X0, AX
	MOVL       AX, CX
	MOVL       AX, DX
	SHLL       $5, CX
	SHLL       $12, DX
	XORL       CX, AX
	XORL       DX, AX
	MOVW       AX, ret+24(FP)
	RET

edge:
	// The key begins in the last 15 bytes of a page: load 16 bytes that end
	// where it ends, which begin in the same page, and drop what is before it.
	LEAQ    drop<>+16(SB), DI
	SUBQ    BX, DI
	VMOVDQU -16(SI)(BX*1), X1
	VPSHUFB (DI), X1, X1
	JMP     loaded

over16:
	TESTQ BX, BX
	JZ    empty
	CMPQ  BX, $64
	JA    over64

	// 17 to 64 bytes: a head of 1 to 16 bytes, then 1 to 3 blocks of 16.
	ANDL    $15, CX
	LEAQ    reverse<>+15(SB), DI
	SUBQ    CX, DI
	VMOVDQU reverse<>(SB), X7
	VMOVDQU (SI), X1
	VMOVDQU -16(SI)(BX*1), X4
	VPCMPEQB open<>(SB), X1, X2
	VPCMPEQB open<>(SB), X4, X3
	VPOR    X3, X2, X2
	CMPQ    BX, $32
	JA      over32
	UNLESS_OPEN(X2)
	VPSHUFB (DI), X1, X1
	VPSHUFB X7, X4, X0
	FOLD(X1, 0x00, X0)
	JMP     final

over32:
	VMOVDQU -32(SI)(BX*1), X5
	VPCMPEQB open<>(SB), X5, X3
	VPOR    X3, X2, X2
	CMPQ    BX, $48
	JA      over48
	UNLESS_OPEN(X2)
	VPSHUFB (DI), X1, X1
	VPSHUFB X7, X5, X5
	VPSHUFB X7, X4, X0
	FOLD(X1, 0x10, X0)
	FOLD(X5, 0x00, X0)
	JMP     final

over48:
	VMOVDQU -48(SI)(BX*1), X6
	VPCMPEQB open<>(SB), X6, X3
	VPOR    X3, X2, X2
	UNLESS_OPEN(X2)
	VPSHUFB (DI), X1, X1
	VPSHUFB X7, X6, X6
	VPSHUFB X7, X5, X5
	VPSHUFB X7, X4, X0
	FOLD(X1, 0x20, X0)
	FOLD(X6, 0x10, X0)
	FOLD(X5, 0x00, X0)
	JMP     final

empty:
	MOVW BX, ret+24(FP)
	RET

brace16:
	// A key of at most 16 bytes with a '{'. AX and DX are the positions of all
	// '{' and '}', counted from the end of the key.
	XORL      R9, R9     // whatever comes now is hashed as it is
	VPCMPEQB  close<>(SB), X0, X3
	VPMOVMSKB X3, DX
	BSRL      AX, AX
	BZHIL     AX, DX, DX // '}' after the first '{'
	JZ        final
	BSRL      DX, DX
	SUBQ      AX, SI
	ADDQ      BX, SI     // behind the '{'
	SUBL      DX, AX
	DECL      AX
	JZ        final
	MOVL      AX, BX
	JMP       start

brace64:
	// A key of 17 to 64 bytes with a '{'; its first 16 bytes are in X1. AX and
	// DX become the positions of all '{' and '}'.
	VPCMPEQB  open<>(SB), X1, X2
	VPCMPEQB  close<>(SB), X1, X3
	VPMOVMSKB X2, AX
	VPMOVMSKB X3, DX
	LEAQ      -16(BX), CX

window:
	VMOVDQU   (SI)(CX*1), X1
	VPCMPEQB  open<>(SB), X1, X2
	VPCMPEQB  close<>(SB), X1, X3
	VPMOVMSKB X2, R10
	VPMOVMSKB X3, R11
	SHLXQ     CX, R10, R10
	SHLXQ     CX, R11, R11
	ORQ       R10, AX
	ORQ       R11, DX
	SUBQ      $16, CX
	JGT       window
	XORL      R9, R9
	BLSMSKQ   AX, R10
	ANDNQ     DX, R10, DX // '}' after the first '{'
	JZ        start
	TZCNTQ    AX, AX
	TZCNTQ    DX, DX
	SUBQ      AX, DX
	DECQ      DX
	JZ        start
	LEAQ      1(SI)(AX*1), SI
	MOVQ      DX, BX
	JMP       start

over64:
	TESTL R9, R9
	JZ    whole

	// Any '{' at all? 128 bytes at a time: 64 from R10 and 64 from R11. The
	// last ones overlap with those before.
	VPBROADCASTB open<>(SB), Y7
	LEAQ    (SI)(BX*1), DI
	MOVQ    SI, R10
	LEAQ    -64(DI), R11
	LEAQ    64(SI), DX
	CMPQ    R11, DX
	CMOVQHI DX, R11

scan:
	VPCMPEQB  (R10), Y7, Y0
	VPCMPEQB  32(R10), Y7, Y1
	VPCMPEQB  (R11), Y7, Y2
	VPCMPEQB  32(R11), Y7, Y3
	VPOR      Y1, Y0, Y0
	VPOR      Y3, Y2, Y2
	VPOR      Y2, Y0, Y0
	VPMOVMSKB Y0, AX
	TESTL     AX, AX
	JNZ       found
	ADDQ      $128, R10
	LEAQ      64(R10), R11
	LEAQ      64(R11), DX
	CMPQ      DX, DI
	JBE       scan
	CMPQ      R10, DI
	JAE       none
	LEAQ      -128(DI), R10
	LEAQ      -64(DI), R11
	JMP       scan

found:
	VZEROUPPER

portable:
	JMP ·tagCRC16Go(SB)

none:
	VZEROUPPER

whole:
	CMPQ BX, $1024
	JAE  bulk

	// Up to four blocks, the head first, so that a multiple of 64 bytes is
	// left; X0 to X3 are the last four blocks of what has been read.
	MOVL    CX, DX
	SHRL    $4, CX
	ANDL    $15, DX
	LEAQ    reverse<>+15(SB), DI
	SUBQ    DX, DI
	VMOVDQU reverse<>(SB), X7
	VMOVDQU (SI), X3
	VPSHUFB (DI), X3, X3
	LEAQ    1(SI)(DX*1), SI
	VPXOR   X0, X0, X0
	VPXOR   X1, X1, X1
	VPXOR   X2, X2, X2
	SHRL    $1, CX
	// two bits tell how many blocks
	JCC     even
	VMOVDQU X3, X2
	VMOVDQU (SI), X3
	VPSHUFB X7, X3, X3
	ADDQ    $16, SI

even:
	SHRL    $1, CX
	JCC     groups
	VMOVDQU X2, X0
	VMOVDQU X3, X1
	VMOVDQU (SI), X2
	VMOVDQU 16(SI), X3
	VPSHUFB X7, X2, X2
	VPSHUFB X7, X3, X3
	ADDQ    $32, SI

groups:
	// CX groups of 64 bytes are left, at least one.
	VMOVDQU (SI), X8
	VMOVDQU 16(SI), X9
	VMOVDQU 32(SI), X10
	VMOVDQU 48(SI), X11
	VPSHUFB X7, X8, X8
	VPSHUFB X7, X9, X9
	VPSHUFB X7, X10, X10
	VPSHUFB X7, X11, X11
	FOLD(X0, 0x30, X8)
	FOLD(X1, 0x30, X9)
	FOLD(X2, 0x30, X10)
	FOLD(X3, 0x30, X11)
	VMOVDQU X8, X0
	VMOVDQU X9, X1
	VMOVDQU X10, X2
	VMOVDQU X11, X3
	ADDQ    $64, SI
	SUBL    $1, CX
	JNZ     groups
	FOLD(X0, 0x20, X3)
	FOLD(X1, 0x10, X3)
	FOLD(X2, 0x00, X3)
	VMOVDQU X3, X0
	JMP     final

bulk:
	JMP ·bulkCRC16(SB)

// STEP: the block y is at the front. Cancel it with y to y·(x¹⁶+x¹²+x⁵+1),
// x standing for one block, and take the next block from the message.
#define STEP(at, y, y4, y11) \
	VPXOR y, y4, y4     \
	VPXOR y, y11, y11   \
	VPXOR at(SI), y, y

// func bulkCRC16(p *byte, n int, scan uint32) uint16
TEXT ·bulkCRC16(SB), 0, $1056-26
	NO_LOCAL_POINTERS
	MOVQ    p+0(FP), SI
	MOVQ    n+8(FP), BX
	VMOVDQU 0x000(SI), Y0
	VMOVDQU 0x020(SI), Y1
	VMOVDQU 0x040(SI), Y2
	VMOVDQU 0x060(SI), Y3
	VMOVDQU 0x080(SI), Y4
	VMOVDQU 0x0a0(SI), Y5
	VMOVDQU 0x0c0(SI), Y6
	VMOVDQU 0x0e0(SI), Y7
	VMOVDQU 0x100(SI), Y8
	VMOVDQU 0x120(SI), Y9
	VMOVDQU 0x140(SI), Y10
	VMOVDQU 0x160(SI), Y11
	VMOVDQU 0x180(SI), Y12
	VMOVDQU 0x1a0(SI), Y13
	VMOVDQU 0x1c0(SI), Y14
	VMOVDQU 0x1e0(SI), Y15
	ADDQ    $512, SI
	SUBQ    $1024, BX

loop:
	STEP(0x000, Y0, Y4, Y11)
	STEP(0x020, Y1, Y5, Y12)
	STEP(0x040, Y2, Y6, Y13)
	STEP(0x060, Y3, Y7, Y14)
	STEP(0x080, Y4, Y8, Y15)
	STEP(0x0a0, Y5, Y9, Y0)
	STEP(0x0c0, Y6, Y10, Y1)
	STEP(0x0e0, Y7, Y11, Y2)
	STEP(0x100, Y8, Y12, Y3)
	STEP(0x120, Y9, Y13, Y4)
	STEP(0x140, Y10, Y14, Y5)
	STEP(0x160, Y11, Y15, Y6)
	STEP(0x180, Y12, Y0, Y7)
	STEP(0x1a0, Y13, Y1, Y8)
	STEP(0x1c0, Y14, Y2, Y9)
	STEP(0x1e0, Y15, Y3, Y10)
	ADDQ $512, SI
	SUBQ $512, BX
	JAE  loop

	// 512 bytes with the same remainder, and what was left behind them, go to
	// the stack. The rest is copied from its end backwards; its first copy may
	// begin up to 31 bytes early, where the 512 bytes are stored afterwards.
	ADDQ    $512, BX
	LEAQ    buf-1024(SP), DI
	VMOVDQU Y0, 0x000(DI)
	MOVQ    BX, CX

copy:
	SUBQ    $32, CX
	JLE     last
	VMOVDQU (SI)(CX*1), Y0
	VMOVDQU Y0, 0x200(DI)(CX*1)
	JMP     copy

last:
	VMOVDQU (SI)(CX*1), Y0
	VMOVDQU Y0, 0x200(DI)(CX*1)
	VMOVDQU Y1, 0x020(DI)
	VMOVDQU Y2, 0x040(DI)
	VMOVDQU Y3, 0x060(DI)
	VMOVDQU Y4, 0x080(DI)
	VMOVDQU Y5, 0x0a0(DI)
	VMOVDQU Y6, 0x0c0(DI)
	VMOVDQU Y7, 0x0e0(DI)
	VMOVDQU Y8, 0x100(DI)
	VMOVDQU Y9, 0x120(DI)
	VMOVDQU Y10, 0x140(DI)
	VMOVDQU Y11, 0x160(DI)
	VMOVDQU Y12, 0x180(DI)
	VMOVDQU Y13, 0x1a0(DI)
	VMOVDQU Y14, 0x1c0(DI)
	VMOVDQU Y15, 0x1e0(DI)
	VZEROUPPER
	ADDQ    $512, BX
	MOVQ    DI, 0(SP)
	MOVQ    BX, 8(SP)
	MOVL    $0, 16(SP)
	CALL    ·tagCRC16(SB)
	MOVW    24(SP), AX
	MOVW    AX, ret+24(FP)
	RET
