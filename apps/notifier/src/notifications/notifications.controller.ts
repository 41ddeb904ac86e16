import { Get, HttpCode, Logger, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, IdentifierPipe, ProblemException, readAfterCommit } from '@txmsg/service';
import { WebhookDeliveries } from '@txmsg/webhooks';
import { asProblem, OperatorController } from '../operator-routes.js';
import {
  detailDocument,
  NotificationDetailDocument,
  notificationDocument,
  NotificationPageDocument,
} from './notification.document.js';
import { NotificationsQuery, toDeliveryQuery } from './notifications.query.js';

/** What is told. */
@OperatorController('notifications')
export class NotificationsController {
  private readonly logger = new Logger('Notifications');

  constructor(private readonly deliveries: WebhookDeliveries) {}

  @Get()
  @ApiOperation({ summary: 'Notifications, page by page.' })
  @ApiOkResponse({ type: NotificationPageDocument })
  async list(@Query() query: NotificationsQuery): Promise<NotificationPageDocument> {
    const { deliveries, next } = await this.deliveries.list(toDeliveryQuery(query)).catch(asProblem);
    return { notifications: deliveries.map(notificationDocument), next };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One notification, with its body and every call.' })
  @ApiOkResponse({ type: NotificationDetailDocument })
  @ApiProblem(ProblemCode.NOTIFICATION_NOT_FOUND)
  async find(@Param('id', IdentifierPipe) id: string): Promise<NotificationDetailDocument> {
    const found = await this.deliveries.find(id).catch(asProblem);
    if (found === undefined) throw notFound(id);
    return detailDocument(found);
  }

  @Post(':id/redrive')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begins the ladder of a notification that was given up anew.',
    description: 'With the same id and body; the first call is made at once.',
  })
  @ApiOkResponse({ type: NotificationDetailDocument })
  @ApiProblem(
    ProblemCode.NOTIFICATION_NOT_FOUND,
    ProblemCode.NOTIFICATION_NOT_GIVEN_UP,
    ProblemCode.SUBSCRIBER_OFF,
    ProblemCode.OUTCOME_UNKNOWN,
  )
  async redrive(@Param('id', IdentifierPipe) id: string): Promise<NotificationDetailDocument> {
    const outcome = await this.deliveries.redrive(id).catch(asProblem);
    switch (outcome) {
      case 'NOT_FOUND':
        throw notFound(id);
      case 'NOT_GIVEN_UP':
        throw new ProblemException(
          ProblemCode.NOTIFICATION_NOT_GIVEN_UP,
          `The notification "${id}" was not given up, so nothing was done.`,
        );
      case 'SUBSCRIBER_OFF':
        throw new ProblemException(
          ProblemCode.SUBSCRIBER_OFF,
          `The subscriber of "${id}" is switched off or deleted; nothing was done. Switch it on first.`,
        );
      case 'REDRIVEN':
        this.logger.log({ message: 'notification re-driven', delivery: id });
        return readAfterCommit(() => this.find(id));
    }
  }
}

function notFound(id: string): ProblemException {
  return new ProblemException(
    ProblemCode.NOTIFICATION_NOT_FOUND,
    `There is no notification "${id}", or none any more.`,
  );
}
