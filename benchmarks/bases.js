#!/usr/bin/env node
import "./dist/bases.js";
