import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/**
 * Cursors that tell nothing: a position in a list, bound to the list and encrypted as one AES block, so that the same position
 * of the same list always has the same cursor, for every reader and in every process, and no two cursors can be compared,
 * counted or made up.
 */
@Injectable()
export class Cursors implements OnModuleInit {
  private key: Buffer = Buffer.alloc(0);

  constructor(@InjectDataSource() private readonly source: DataSource) {}

  async onModuleInit(): Promise<void> {
    const [row] = await this.source.query<{ value: Buffer }[]>(`SELECT value FROM secrets WHERE name = 'cursors'`);
    if (!row) throw new Error('The key of the cursors is missing: run the migrations.');
    this.key = row.value;
  }

  /** @param list names the list, such as `feed:` and the operation's id; position 0 stands before the first item */
  encode(list: string, position: number): string {
    const block = Buffer.alloc(16);
    this.tag(list).copy(block);
    block.writeBigUInt64BE(BigInt(position), 8);
    // One block alone, so the mode without chaining is as good as any, and is what makes a cursor the same each time.
    const cipher = createCipheriv('aes-256-ecb', this.key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(block), cipher.final()]).toString('base64url');
  }

  /** The position that a cursor of this list stands for; undefined where it is none of this list's. */
  decode(list: string, cursor: string): number | undefined {
    const block = Buffer.from(cursor, 'base64url');
    if (block.length !== 16 || block.toString('base64url') !== cursor) return undefined;
    const decipher = createDecipheriv('aes-256-ecb', this.key, null).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(block), decipher.final()]);
    return plain.subarray(0, 8).equals(this.tag(list)) ? Number(plain.readBigUInt64BE(8)) : undefined;
  }

  private tag(list: string): Buffer {
    return createHmac('sha256', this.key).update(list).digest().subarray(0, 8);
  }
}
