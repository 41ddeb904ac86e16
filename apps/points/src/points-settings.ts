import { POINTS_PORT, POINTS_PREFIX } from '@txmsg/contracts';
import { MessagingSettings, Setting, wholeNumber } from '@txmsg/service';

/** What points reads from its environment. */
export class PointsSettings extends MessagingSettings {
  readonly serviceName = POINTS_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(POINTS_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'POINTS_FOR_REGISTRATION',
    rule: wholeNumber(1, 1_000_000),
    default: '100',
    meaning: 'How many points a user gets for registering, from now on; those of earlier registrations stay.',
  })
  readonly pointsForRegistration!: number;
}
