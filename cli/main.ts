#!/usr/bin/env node
import { oathmeshProgram } from './program.ts'
import { runProcess } from './terminal/run-process.ts'

void runProcess(oathmeshProgram)
