import { Body, Delete, Get, HttpCode, Logger, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, IdentifierPipe, PageQuery, ProblemException } from '@txmsg/service';
import { WebhookSubscribers, type Subscriber } from '@txmsg/webhooks';
import { asProblem, OperatorController } from '../operator-routes.js';
import { subscriberDocument, SubscriberDocument, SubscriberPageDocument } from './subscriber.document.js';
import { NewSecretRequest, NewSubscriberRequest, SubscriberChangeRequest } from './subscriber.request.js';

/** Who is told. Every change is logged without URLs and secrets. */
@OperatorController('subscribers')
export class SubscribersController {
  private readonly logger = new Logger('Subscribers');

  constructor(private readonly subscribers: WebhookSubscribers) {}

  @Post()
  @ApiOperation({ summary: 'A new subscriber: it hears of what happens from now on.' })
  @ApiCreatedResponse({ type: SubscriberDocument })
  @ApiProblem(ProblemCode.SUBSCRIBER_NAME_TAKEN)
  async create(@Body() { ladder, ...fields }: NewSubscriberRequest): Promise<SubscriberDocument> {
    const created = await this.subscribers
      .create({ ...fields, ...(ladder === undefined ? {} : { ladderSeconds: ladder }) })
      .catch(asProblem);
    this.logger.log({ message: 'subscriber made', subscriber: created.id, name: created.name });
    return subscriberDocument(created);
  }

  @Get()
  @ApiOperation({ summary: 'Subscribers, page by page.' })
  @ApiOkResponse({ type: SubscriberPageDocument })
  async list(@Query() { limit, after }: PageQuery): Promise<SubscriberPageDocument> {
    const page = { limit: Number(limit), ...(after === undefined ? {} : { after }) };
    const { subscribers, next } = await this.subscribers.list(page).catch(asProblem);
    return { subscribers: subscribers.map(subscriberDocument), next };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One subscriber, also one that was deleted.' })
  @ApiOkResponse({ type: SubscriberDocument })
  @ApiProblem(ProblemCode.SUBSCRIBER_NOT_FOUND)
  async find(@Param('id', IdentifierPipe) id: string): Promise<SubscriberDocument> {
    return subscriberDocument(known(id, await this.subscribers.find(id).catch(asProblem)));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Changes a subscriber, from its next call on.',
    description: 'What was given up while it was OFF is for a re-drive.',
  })
  @ApiOkResponse({ type: SubscriberDocument })
  @ApiProblem(ProblemCode.SUBSCRIBER_NOT_FOUND, ProblemCode.SUBSCRIBER_NAME_TAKEN)
  async update(
    @Param('id', IdentifierPipe) id: string,
    @Body() { ladder, ...fields }: SubscriberChangeRequest,
  ): Promise<SubscriberDocument> {
    const changes = { ...fields, ...(ladder === undefined ? {} : { ladderSeconds: ladder }) };
    const changed = known(id, await this.subscribers.update(id, given(changes)).catch(asProblem));
    this.logger.log({ message: 'subscriber changed', subscriber: id, fields: Object.keys(given(changes)) });
    return subscriberDocument(changed);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Tells it nothing any more; what it has not been told is given up.' })
  @ApiNoContentResponse()
  @ApiProblem(ProblemCode.SUBSCRIBER_NOT_FOUND)
  async remove(@Param('id', IdentifierPipe) id: string): Promise<void> {
    const isRemoved = await this.subscribers.remove(id).catch(asProblem);
    if (!isRemoved) throw notFound(id);
    this.logger.log({ message: 'subscriber deleted', subscriber: id });
  }

  @Post(':id/secrets')
  @HttpCode(200)
  @ApiOperation({
    summary: 'A new secret; calls are signed with it and, for a while, with the one before.',
    description: 'Two are valid at a time: any older one ends at once.',
  })
  @ApiOkResponse({ type: SubscriberDocument })
  @ApiProblem(ProblemCode.SUBSCRIBER_NOT_FOUND)
  async rotate(
    @Param('id', IdentifierPipe) id: string,
    @Body() { secret, previousValidSeconds }: NewSecretRequest,
  ): Promise<SubscriberDocument> {
    const rotated = await this.subscribers.rotateSecret(id, secret, previousValidSeconds).catch(asProblem);
    const subscriber = known(id, rotated);
    this.logger.log({ message: 'secret of a subscriber rotated', subscriber: id });
    return subscriberDocument(subscriber);
  }
}

function known(id: string, subscriber: Subscriber | undefined): Subscriber {
  if (subscriber === undefined) throw notFound(id);
  return subscriber;
}

function notFound(id: string): ProblemException {
  return new ProblemException(ProblemCode.SUBSCRIBER_NOT_FOUND, `There is no subscriber "${id}".`);
}

/** Fields that were left out are own properties of the validated request. */
function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
