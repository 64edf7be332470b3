#!/usr/bin/env node
import "./dist/contender.js";
