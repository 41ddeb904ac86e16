import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { LocalMessageOutbox } from 'txmsg';
import { logAdminAction } from './admin-action.js';
import { AdminController } from './admin-controller.decorator.js';
import { RepublishDocument, RepublishRequest } from './outbox.document.js';

/** The local message table, for a broker that lost its store. */
@AdminController('outbox')
export class OutboxController {
  constructor(private readonly outbox: LocalMessageOutbox) {}

  @Post('republish')
  @HttpCode(200)
  @ApiOperation({ summary: 'Publishes again what was published since a moment.' })
  @ApiOkResponse({ type: RepublishDocument })
  async republish(@Body() { since, by, note }: RepublishRequest): Promise<RepublishDocument> {
    logAdminAction('outbox published again', { by, note }, { since });
    return { republished: await this.outbox.republishSince(new Date(since)) };
  }
}
