import { Controller, Header, HttpCode, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, fieldProblem, invalidInput, ProblemException } from '@txmsg/service';
import type { FastifyRequest } from 'fastify';
import { CustodyEventDocument, resultOf } from './custody-event.js';
import { WebhookReceiver } from './webhook.receiver.js';
import { WebhookVerifier } from './webhook.verifier.js';

const ID_PATTERN = /^[\x21-\x7e]{1,255}$/;
const ID_RULE = 'must be 1 to 255 printable ASCII characters without spaces';

/** Where custody's results are told, by whoever knows the secret. */
@ApiTags('custody')
@Controller('webhooks/custody')
export class CustodyWebhookController {
  constructor(
    private readonly verifier: WebhookVerifier,
    private readonly receiver: WebhookReceiver,
  ) {}

  @Post()
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'A webhook of custody, after the Standard Webhooks specification.',
    description:
      'Any 2xx is an acknowledgement. An event that concerns nothing of ours is acknowledged, and changes nothing.',
  })
  @ApiHeader({ name: 'webhook-id', required: true })
  @ApiHeader({ name: 'webhook-timestamp', required: true, description: 'Not more than five minutes off.' })
  @ApiHeader({ name: 'webhook-signature', required: true, description: '`v1,` and HMAC-SHA256 in base64.' })
  @ApiBody({ type: CustodyEventDocument })
  @ApiNoContentResponse({ description: 'Received, now or before.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.WEBHOOK_NOT_VERIFIED,
    ProblemCode.WEBHOOK_ID_CONFLICT,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.CUSTODY_NOT_CONFIGURED,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async receive(@Req() { rawBody, body, headers }: RawBodyRequest<FastifyRequest>): Promise<void> {
    // Nothing of the body is looked at before it is proven.
    if (!this.verifier.isProven(rawBody ?? Buffer.alloc(0), headers)) {
      throw new ProblemException(
        ProblemCode.WEBHOOK_NOT_VERIFIED,
        'The signature is not that of this body, id and time stamp by a secret that is valid here, or the time stamp is more ' +
          'than five minutes off.',
      );
    }
    const id = String(headers['webhook-id']);
    if (!ID_PATTERN.test(id)) throw invalidInput([fieldProblem('webhook-id', id, ID_RULE)]);
    const result = resultOf(body);
    if (result === undefined) return;
    await this.receiver.receive({ id, body: rawBody ?? Buffer.alloc(0), result });
  }
}
