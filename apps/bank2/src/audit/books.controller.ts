import { Readable } from 'node:stream';
import { Get, Logger, StreamableFile, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { AdminController, ProblemException } from '@txmsg/service';
import { AuditUnreadableError, booksLines, openMysqlBooks, type OpenBooks } from '@txmsg/bank/audit';
import { ProblemCode } from '@txmsg/contracts';
import { Bank2Settings } from '../bank2-settings.js';

const TYPE = 'application/x-ndjson';
/** A reader that takes nothing for so long has crashed or hangs; its snapshot is closed. */
const STALL_MS = 300_000;

/** This bank's books as they are at one moment, for bank1's audit. */
@AdminController('books')
export class BooksController implements OnModuleDestroy {
  private readonly logger = new Logger(BooksController.name);
  private readonly streams = new Map<Readable, OpenBooks>();

  constructor(private readonly settings: Bank2Settings) {}

  /** Each line is read from the database when the reader is ready for it. */
  @Get()
  @ApiOperation({
    summary: 'Accounts that are wrong, and every transfer by txNo, in one snapshot, as lines of JSON.',
  })
  @ApiProduces(TYPE)
  @ApiOkResponse({ description: 'Whole only with its last line, `{"end":…}`.' })
  async read(): Promise<StreamableFile> {
    const books = await this.open();
    const stream: Readable = Readable.from(unstalled(booksLines('bank2', books), () => stream.destroy()));
    this.streams.set(stream, books);
    stream.once('error', (error) => {
      this.logger.warn({ message: 'the books could not be read to their end', cause: String(error) });
    });
    stream.once('close', () => {
      books.close();
      this.streams.delete(stream);
    });
    return new StreamableFile(stream, { type: TYPE });
  }

  /** A long stream would delay the shutdown. Its reader sees that the last line is missing. */
  onModuleDestroy(): void {
    for (const [stream, books] of this.streams) {
      stream.destroy();
      // By itself the stream closes its connections only when the running statement has ended.
      books.close();
    }
  }

  private async open(): Promise<OpenBooks> {
    try {
      return await openMysqlBooks('bank2', this.settings.mysqlUrl);
    } catch (error) {
      if (!(error instanceof AuditUnreadableError)) throw error;
      throw new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, error.message, {
        cause: error,
        headers: { 'retry-after': '2' },
      });
    }
  }
}

async function* unstalled(lines: AsyncIterable<string>, stalled: () => void): AsyncGenerator<string> {
  for await (const line of lines) {
    const timer = setTimeout(stalled, STALL_MS);
    try {
      yield line;
    } finally {
      clearTimeout(timer);
    }
  }
}
