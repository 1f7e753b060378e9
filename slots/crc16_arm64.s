//go:build !purego

#include "textflag.h"
#include "funcdata.h"

// crc16_clmul.go has the mathematics and the constants.

// The 16 bytes from 16-n on, as a shuffle, turn n bytes in memory order into a
// number of 128 bits: they reverse the first n and clear the rest.
DATA reverse<>+0x00(SB)/8, $0x08090a0b0c0d0e0f
DATA reverse<>+0x08(SB)/8, $0x0001020304050607
DATA reverse<>+0x10(SB)/8, $0xffffffffffffffff
DATA reverse<>+0x18(SB)/8, $0xffffffffffffffff
GLOBL reverse<>(SB), RODATA|NOPTR, $32

// The 16 bytes from k on, as a shuffle, drop the first k bytes.
DATA drop<>+0x00(SB)/8, $0x0706050403020100
DATA drop<>+0x08(SB)/8, $0x0f0e0d0c0b0a0908
DATA drop<>+0x10(SB)/8, $0xffffffffffffffff
DATA drop<>+0x18(SB)/8, $0xffffffffffffffff
GLOBL drop<>(SB), RODATA|NOPTR, $32

// FOLD: sum ^= x·(what k stands for). Needs V28 and V29.
#define FOLD(x, k, sum) \
	VPMULL  k.D1, x.D1, V28.Q1          \
	VPMULL2 k.D2, x.D2, V29.Q1          \
	VEOR    V28.B16, sum.B16, sum.B16   \
	VEOR    V29.B16, sum.B16, sum.B16

// func tagCRC16(p *byte, n int, scan uint32) uint16
//
// R0 = p, R1 = n, R3 = scan, V31 has ones where a '{' was seen.
TEXT ·tagCRC16(SB), NOSPLIT, $0-26
	MOVBU ·hasAsm(SB), R4
	CBZ   R4, portable
	MOVD  p+0(FP), R0
	MOVD  n+8(FP), R1
	MOVW  scan+16(FP), R3 // all 64 bits of it
	VMOVI $0x7b, V30.B16
	SUB   $1, R1, R2
	CMP   $16, R2
	BHS   over16

	// 1 to 16 bytes: one load, which must not reach into the next page.
	AND  $0xfff, R0, R4
	CMP  $0xff0, R4
	BHI  edge
	VLD1 (R0), [V1.B16]

loaded:
	MOVD  $reverse<>+16(SB), R4
	SUB   R1, R4, R4
	VLD1  (R4), [V2.B16]
	VTBL  V2.B16, [V1.B16], V0.B16
	VCMEQ V30.B16, V0.B16, V31.B16

check:
	VMOV V31.D[0], R4
	VMOV V31.D[1], R5
	ORR  R5, R4, R4
	ANDS R3, R4, R4
	BNE  portable

final:
	// V0·x¹⁶ mod P, from the low 16 bits q of the quotient:
	// the remainder is q·(x¹²+x⁵+1).
	MOVD    $·quotient(SB), R4
	VLD1    (R4), [V4.D2, V5.D2]
	VPMULL  V4.D1, V0.D1, V1.Q1
	VPMULL2 V4.D2, V0.D2, V2.Q1
	VPMULL2 V5.D2, V0.D2, V3.Q1
	VEOR    V2.B16, V1.B16, V1.B16
	VEOR    V3.B16, V0.B16, V0.B16
	VMOV    V1.D[1], R4
	VMOV    V0.D[0], R5
	EOR     R5, R4, R4
	EOR     R4<<5, R4, R5
	EOR     R4<<12, R5, R5
	MOVH    R5, ret+24(FP)
	RET

edge:
	// The key begins in the last 15 bytes of a page: load 16 bytes that end
	// where it ends, which begin in the same page, and drop what is before it.
	ADD  R1, R0, R4
	SUB  $16, R4, R4
	VLD1 (R4), [V1.B16]
	MOVD $drop<>+16(SB), R4
	SUB  R1, R4, R4
	VLD1 (R4), [V2.B16]
	VTBL V2.B16, [V1.B16], V1.B16
	B    loaded

portable:
	B ·tagCRC16Go(SB)

empty:
	MOVH ZR, ret+24(FP)
	RET

over16:
	CBZ R1, empty
	CMP $64, R1
	BLS over16AndNoMore
	CBNZ R3, portable
	CMP $1024, R1
	BHS bulk

over16AndNoMore:
	// A head of 1 to 16 bytes, then R2 blocks of 16.
	MOVD  $·foldBy(SB), R4
	VLD1  (R4), [V20.D2, V21.D2, V22.D2, V23.D2]
	MOVD  $reverse<>(SB), R4
	VLD1  (R4), [V19.B16]
	ADD   $15, R4, R4
	AND   $15, R2, R5
	SUB   R5, R4, R4
	VLD1  (R4), [V2.B16]
	VLD1  (R0), [V1.B16]
	VCMEQ V30.B16, V1.B16, V31.B16
	VTBL  V2.B16, [V1.B16], V0.B16
	ADD   $1, R5, R5
	ADD   R5, R0, R0
	LSR   $4, R2, R2
	ANDS  $3, R2, R5
	BEQ   groups

block:
	VLD1.P 16(R0), [V1.B16]
	VCMEQ  V30.B16, V1.B16, V2.B16
	VORR   V2.B16, V31.B16, V31.B16
	VTBL   V19.B16, [V1.B16], V1.B16
	FOLD(V0, V20, V1)
	VORR   V1.B16, V1.B16, V0.B16
	SUBS   $1, R5, R5
	BNE    block

groups:
	// R2 groups of four blocks. A key in which tags matter has none.
	LSR  $2, R2, R2
	CBZ  R2, check
	VEOR V4.B16, V4.B16, V4.B16
	VEOR V5.B16, V5.B16, V5.B16
	VEOR V6.B16, V6.B16, V6.B16
	VORR V0.B16, V0.B16, V7.B16

group:
	VLD1.P 64(R0), [V0.B16, V1.B16, V2.B16, V3.B16]
	VTBL   V19.B16, [V0.B16], V0.B16
	VTBL   V19.B16, [V1.B16], V1.B16
	VTBL   V19.B16, [V2.B16], V2.B16
	VTBL   V19.B16, [V3.B16], V3.B16
	FOLD(V4, V23, V0)
	FOLD(V5, V23, V1)
	FOLD(V6, V23, V2)
	FOLD(V7, V23, V3)
	VORR   V0.B16, V0.B16, V4.B16
	VORR   V1.B16, V1.B16, V5.B16
	VORR   V2.B16, V2.B16, V6.B16
	VORR   V3.B16, V3.B16, V7.B16
	SUBS   $1, R2, R2
	BNE    group
	FOLD(V4, V22, V7)
	FOLD(V5, V21, V7)
	FOLD(V6, V20, V7)
	VORR   V7.B16, V7.B16, V0.B16
	B      final

bulk:
	B ·bulkCRC16(SB)

// STEP: the block v is at the front. Cancel it with v·(x¹⁶+x¹²+x⁵+1), x standing
// for one block, and take the next block of the message.
#define STEP(next, v, v4, v11) \
	VEOR v.B16, v4.B16, v4.B16     \
	VEOR v.B16, v11.B16, v11.B16   \
	VEOR next.B16, v.B16, v.B16

// func bulkCRC16(p *byte, n int, scan uint32) uint16
TEXT ·bulkCRC16(SB), 0, $560-26
	NO_LOCAL_POINTERS
	MOVD   p+0(FP), R0
	MOVD   n+8(FP), R1
	VLD1.P 64(R0), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1.P 64(R0), [V4.B16, V5.B16, V6.B16, V7.B16]
	VLD1.P 64(R0), [V8.B16, V9.B16, V10.B16, V11.B16]
	VLD1.P 64(R0), [V12.B16, V13.B16, V14.B16, V15.B16]
	SUB    $512, R1, R1

loop:
	VLD1.P 64(R0), [V16.B16, V17.B16, V18.B16, V19.B16]
	VLD1.P 64(R0), [V20.B16, V21.B16, V22.B16, V23.B16]
	STEP(V16, V0, V4, V11)
	STEP(V17, V1, V5, V12)
	STEP(V18, V2, V6, V13)
	STEP(V19, V3, V7, V14)
	STEP(V20, V4, V8, V15)
	STEP(V21, V5, V9, V0)
	STEP(V22, V6, V10, V1)
	STEP(V23, V7, V11, V2)
	VLD1.P 64(R0), [V16.B16, V17.B16, V18.B16, V19.B16]
	VLD1.P 64(R0), [V20.B16, V21.B16, V22.B16, V23.B16]
	STEP(V16, V8, V12, V3)
	STEP(V17, V9, V13, V4)
	STEP(V18, V10, V14, V5)
	STEP(V19, V11, V15, V6)
	STEP(V20, V12, V0, V7)
	STEP(V21, V13, V1, V8)
	STEP(V22, V14, V2, V9)
	STEP(V23, V15, V3, V10)
	SUBS $256, R1, R1
	BGE  loop

	// 256 bytes with the same remainder, and what was left behind them, go to
	// the stack. The rest is copied from its end backwards; its first copy may
	// begin up to 15 bytes early, where the 256 bytes are stored afterwards.
	ADD  $256, R1, R1
	MOVD $buf-512(SP), R2
	ADD  R1, R0, R0
	ADD  $256, R2, R5
	ADD  R1, R5, R6
	MOVD R1, R4

copy:
	SUB  $16, R0, R0
	SUB  $16, R6, R6
	VLD1 (R0), [V16.B16]
	VST1 [V16.B16], (R6)
	SUBS $16, R4, R4
	BGT  copy

	MOVD   R2, R5
	VST1.P [V0.B16, V1.B16, V2.B16, V3.B16], 64(R5)
	VST1.P [V4.B16, V5.B16, V6.B16, V7.B16], 64(R5)
	VST1.P [V8.B16, V9.B16, V10.B16, V11.B16], 64(R5)
	VST1.P [V12.B16, V13.B16, V14.B16, V15.B16], 64(R5)
	ADD    $256, R1, R1
	MOVD   R2, 8(RSP)
	MOVD   R1, 16(RSP)
	MOVW   ZR, 24(RSP)
	CALL   ·tagCRC16(SB)
	MOVHU  32(RSP), R0
	MOVH   R0, ret+24(FP)
	RET
