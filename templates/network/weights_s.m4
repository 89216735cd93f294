BANNER
/* The weights file as part of the program: NETWORK_NAME.weights, 64-byte aligned, read-only. */
	.section .rodata
	.balign 64
	.globl NETWORK_NAME<||>_weights_image
	.globl NETWORK_NAME<||>_weights_image_end
NETWORK_NAME<||>_weights_image:
	.incbin "NETWORK_NAME.weights"
NETWORK_NAME<||>_weights_image_end:
	.byte 0
IF(WITH_CUDA, <|	.balign 64
	.globl NETWORK_NAME<||>_cuda_weights_image
	.globl NETWORK_NAME<||>_cuda_weights_image_end
NETWORK_NAME<||>_cuda_weights_image:
	.incbin "NETWORK_NAME<||>_cuda.weights"
NETWORK_NAME<||>_cuda_weights_image_end:
	.byte 0
|>)m4_dnl
	.section .note.GNU-stack,"",%progbits
