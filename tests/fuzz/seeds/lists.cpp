// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seeds/seeds.h"

namespace vitro::fuzz {

void make_list_seeds(const std::string& folder) {
  const Seeds seeds(folder, "lists");
  seeds.add("photos", "pfile,label,more\nlist.csv,\"a, \"\"b\"\"\",1\r\nlist.csv,cat,2\n");
  seeds.add("photos_moved", "p\xef\xbb\xbflabel,file\ncat,list.csv\n\n");
  seeds.add("calibration", "cfile,label\nlist.csv,cat\n");
  seeds.add("names", "ncat\ndog\r\nbird\n\n");
  seeds.add("labels", "ln01440764 tench, Tinca tinca\nn01443537 goldfish\n");
  seeds.add("taxonomy",
            "tchild,parent\ncat,animal\nn00000002,animal\nc,animal\nd,thing\ne,thing\nf,thing\n"
            "g,thing\nh,thing\ni,thing\nj,thing\nanimal,all\nthing,all\n");
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  const std::string padded = header + std::string(117 - header.size(), ' ') + "\n";
  seeds.add("npy", std::string("m\x93NUMPY\x01\x00", 9) + static_cast<char>(padded.size()) +
                       std::string(1, '\0') + padded + std::string(24, '\0'));
}

void make_text_seeds(const std::string& folder) {
  const Seeds lines(folder, "csv");
  lines.add("line", "cfile.jpg,\"a, \"\"b\"\"\",1");
  lines.add("empty", "c,,\"\",");
  lines.add("fields", std::string("fa\"b\0,\0\0c", 9));
  lines.add("names", "nn01440764 tench, Tinca tinca\nn01443537 goldfish\nDog\ndog \n3");
  const Seeds foreign(folder, "shown");
  foreign.add("plain", "\x10 caf\xc3\xa9 \xf0\x9f\x98\x80");
  foreign.add("steers", "\x40\x1b]0;owned\a\x1b[2J\xe2\x80\xae\xc2\x9b");
  foreign.add("formula", "\x40=cmd|'/c x'!A0,\"a\";<b>&amp;");
  const Seeds texts(folder, "json");
  texts.add("header",
            "\xff{\"__metadata__\":{\"format\":\"pt\"},\"cls_token\":{\"dtype\":\"F32\",\"shape\":["
            "1,1,8],"
            "\"data_offsets\":[0,32]}}");
  texts.add("nested", "\x22[[[[[]]]],{\"a\":{\"b\":[-1.5e3,true,null,\"\\u00e9\\n\"]}}]");
  texts.add("twice", "\xff{\"a\":1,\"a\":2}");
}

}  // namespace vitro::fuzz
