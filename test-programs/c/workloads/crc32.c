/* CRC-32 by table: a chain of dependent loads. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 300;
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int j = 0; j < 8; j++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    static uint8_t data[1 << 20];
    for (int i = 0; i < 1 << 20; i++) data[i] = (uint8_t)(i * 2654435761u >> 24);
    uint32_t crc = ~0u;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < 1 << 20; i++) crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    printf("%08x\n", ~crc);
    return 0;
}
