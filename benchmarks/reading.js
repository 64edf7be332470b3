#!/usr/bin/env node
import "./dist/reading.js";
