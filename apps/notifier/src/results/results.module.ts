import { Module } from '@nestjs/common';
import { CustodyResultListener } from './custody-result.listener.js';
import { TopUpResultListener } from './top-up-result.listener.js';

@Module({ providers: [TopUpResultListener, CustodyResultListener] })
export class ResultsModule {}
