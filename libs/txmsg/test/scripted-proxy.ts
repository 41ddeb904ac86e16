import { isIPv6 } from 'node:net';
import {
  Server,
  ServerCredentials,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import serviceStub from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_grpc_pb.js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { formatBrokerAddress } from '../src/broker/index.js';
import type { wire, WireMessage } from '../src/rocketmq/grpc/client-protocol.js';

type Unary<Request, Response> = handleUnaryCall<Request, Response>;
type TelemetryCall = ServerDuplexStream<wire.TelemetryCommand, wire.TelemetryCommand>;
type ReceiveCall = ServerWritableStream<wire.ReceiveMessageRequest, wire.ReceiveMessageResponse>;

/** What a spec may replace; each has a friendly default. */
export interface ProxyScript {
  queryRoute: Unary<wire.QueryRouteRequest, wire.QueryRouteResponse>;
  heartbeat: Unary<wire.HeartbeatRequest, wire.HeartbeatResponse>;
  sendMessage: Unary<wire.SendMessageRequest, wire.SendMessageResponse>;
  endTransaction: Unary<wire.EndTransactionRequest, wire.EndTransactionResponse>;
  ackMessage: Unary<wire.AckMessageRequest, wire.AckMessageResponse>;
  changeInvisibleDuration: Unary<wire.ChangeInvisibleDurationRequest, wire.ChangeInvisibleDurationResponse>;
  notifyClientTermination: Unary<wire.NotifyClientTerminationRequest, wire.NotifyClientTerminationResponse>;
  receiveMessage: handleServerStreamingCall<wire.ReceiveMessageRequest, wire.ReceiveMessageResponse>;
  /** Called with every command that a client sends on its telemetry stream. */
  telemetry: (call: TelemetryCall, command: wire.TelemetryCommand) => void;
}

const UNARY_METHODS = [
  'queryRoute',
  'heartbeat',
  'sendMessage',
  'endTransaction',
  'ackMessage',
  'changeInvisibleDuration',
  'notifyClientTermination',
] as const;

/**
 * A RocketMQ proxy that does what a spec tells it, for the ways in which a real one fails too rarely to be waited
 * for. It speaks real gRPC on loopback.
 */
export class ScriptedProxy {
  readonly script: ProxyScript;
  /** The telemetry streams that are open, in the order of their arrival. */
  readonly telemetryCalls: TelemetryCall[] = [];
  readonly ends: wire.EndTransactionRequest[] = [];
  readonly waitingReceives: ReceiveCall[] = [];
  telemetryOpened = 0;
  private server = new Server();
  private port = 0;
  /** Where clients are told to find the broker; a relay may stand in between. */
  announcedPort = 0;
  announcedHost: string;
  /** Other masters of the topic, each with a proxy of its own. */
  readonly others: ScriptedProxy[] = [];
  /** The retry limit of every consumer group, and one more. */
  attemptsMax = 100_000_001;

  constructor(private readonly host = '127.0.0.1') {
    this.announcedHost = host;
    this.script = friendlyScript(this);
  }

  get endpoints(): string {
    return formatBrokerAddress({ host: this.host, port: this.port });
  }

  async start(): Promise<void> {
    const script = this.script;
    this.server = new Server();
    const streaming = {
      receiveMessage: (call: ReceiveCall) => {
        script.receiveMessage(call);
      },
      telemetry: (call: TelemetryCall) => {
        this.acceptTelemetry(call);
      },
    };
    this.server.addService(serviceStub.MessagingServiceService, { ...this.unaryHandlers(), ...streaming });
    const port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(this.endpoints, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    this.port = port;
    this.announcedPort ||= port;
  }

  /** Cuts every connection, as a killed process does. */
  stop(): void {
    this.server.forceShutdown();
    this.telemetryCalls.length = 0;
  }

  askAbout(message: WireMessage, transactionId: string): void {
    const question = new service.RecoverOrphanedTransactionCommand()
      .setMessage(message)
      .setTransactionId(transactionId);
    this.telemetryCalls
      .at(-1)
      ?.write(new service.TelemetryCommand().setRecoverOrphanedTransactionCommand(question));
  }

  /** Looks every method up when it is called, so that a spec can replace it at any time. */
  private unaryHandlers(): Record<string, Unary<unknown, unknown>> {
    const names = UNARY_METHODS.map((name) => {
      const handler: Unary<unknown, unknown> = (call, answer) => {
        if (name === 'endTransaction') this.ends.push(call.request as wire.EndTransactionRequest);
        (this.script[name] as Unary<unknown, unknown>)(call, answer);
      };
      return [name, handler] as const;
    });
    return Object.fromEntries(names);
  }

  private acceptTelemetry(call: TelemetryCall): void {
    this.telemetryOpened += 1;
    this.telemetryCalls.push(call);
    call.on('data', (command: wire.TelemetryCommand) => {
      this.script.telemetry(call, command);
    });
    call.on('end', () => call.end());
    call.on('error', () => undefined);
  }
}

export function statusOf(code = definition.Code.OK, message = '') {
  return new definition.Status().setCode(code).setMessage(message);
}

/** A message as a proxy sends it. */
export function wireMessage(
  topic: string,
  messageId: string,
  body: Buffer,
  encoding = definition.Encoding.IDENTITY,
) {
  return new definition.Message()
    .setTopic(new definition.Resource().setName(topic))
    .setBody(body)
    .setSystemProperties(
      new definition.SystemProperties()
        .setMessageId(messageId)
        .setKeysList([messageId])
        .setBodyEncoding(encoding)
        .setReceiptHandle(`receipt-${messageId}`)
        .setDeliveryAttempt(1),
    );
}

function friendlyScript(proxy: ScriptedProxy): ProxyScript {
  return {
    queryRoute: (call, answer) => {
      const topic = call.request.getTopic();
      const queues = [proxy, ...proxy.others].map(({ announcedHost, announcedPort }, index) => {
        const address = new definition.Address().setHost(announcedHost).setPort(announcedPort);
        const endpoints = new definition.Endpoints()
          .setScheme(definition.AddressScheme[isIPv6(announcedHost) ? 'IPV6' : 'IPV4'])
          .setAddressesList([address]);
        return new definition.MessageQueue()
          .setTopic(topic)
          .setPermission(definition.Permission.READ_WRITE)
          .setBroker(new definition.Broker().setName(`broker-${'ab'[index]}`).setEndpoints(endpoints))
          .setAcceptMessageTypesList([definition.MessageType.NORMAL, definition.MessageType.TRANSACTION]);
      });
      answer(null, new service.QueryRouteResponse().setStatus(statusOf()).setMessageQueuesList(queues));
    },
    heartbeat: (_call, answer) => {
      answer(null, new service.HeartbeatResponse().setStatus(statusOf()));
    },
    sendMessage: (call, answer) => {
      const entries = call.request.getMessagesList().map((message) => {
        const messageId = message.getSystemProperties()?.getMessageId() ?? '';
        return new service.SendResultEntry()
          .setStatus(statusOf())
          .setMessageId(messageId)
          .setTransactionId(messageId);
      });
      answer(null, new service.SendMessageResponse().setStatus(statusOf()).setEntriesList(entries));
    },
    endTransaction: (_call, answer) => {
      answer(null, new service.EndTransactionResponse().setStatus(statusOf()));
    },
    ackMessage: (call, answer) => {
      const entries = call.request
        .getEntriesList()
        .map((entry) =>
          new service.AckMessageResultEntry()
            .setReceiptHandle(entry.getReceiptHandle())
            .setStatus(statusOf()),
        );
      answer(null, new service.AckMessageResponse().setStatus(statusOf()).setEntriesList(entries));
    },
    changeInvisibleDuration: (call, answer) => {
      const receiptHandle = `${call.request.getReceiptHandle()}+`;
      const response = new service.ChangeInvisibleDurationResponse().setStatus(statusOf());
      answer(null, response.setReceiptHandle(receiptHandle));
    },
    notifyClientTermination: (_call, answer) => {
      answer(null, new service.NotifyClientTerminationResponse().setStatus(statusOf()));
    },
    receiveMessage: (call) => {
      proxy.waitingReceives.push(call);
    },
    telemetry: (call, command) => {
      if (command.hasSettings())
        call.write(new service.TelemetryCommand().setSettings(friendlySettings(command, proxy.attemptsMax)));
    },
  };
}

/** The client's own settings, with what a proxy adds. */
function friendlySettings(command: wire.TelemetryCommand, attemptsMax: number) {
  const backOff = new definition.RetryPolicy()
    .setMaxAttempts(attemptsMax)
    .setExponentialBackoff(new definition.ExponentialBackoff());
  const settings = new definition.Settings().setBackoffPolicy(backOff);
  const { publishing, subscription } = command.getSettings()?.toObject() ?? {};
  if (publishing) settings.setPublishing(new definition.Publishing().setMaxBodySize(4 * 1024 * 1024));
  if (subscription) settings.setSubscription(new definition.Subscription());
  return settings;
}
