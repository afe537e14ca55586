// SPDX-License-Identifier: Apache-2.0
// Pictures received over the console: sound ones, ones cut short, ones of another size, and random
// bytes.
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

#include "tests/platforms/firmware/fake_board.h"

namespace vitro {
namespace {

TEST_F(ApplicationTest, ReceivedPictures) {
  flash(image({}, false));
  const PreparedPicture first = picture(8), second = picture(9);
  send({'n', 'o', 'i', 's', 'e', 'V', 'T', 'V'});  // the second V may begin "VTPI"
  Bytes frame = make_frame(first);
  send(frame);
  send({0, 0, 'V'});
  send(make_frame(second));
  EXPECT_EQ(run(), std::nullopt) << "must listen on";
  EXPECT_TRUE(has(answer_line(first)) && has(answer_line(second))) << board_.out;
  EXPECT_EQ(board_.out.substr(board_.out.rfind("ready ")),
            "ready " + std::to_string(size().width * size().height * 3) + "\n");

  send(make_frame(first));
  send(make_end_frame());
  EXPECT_EQ(run(), kDone);
  EXPECT_TRUE(has("pictures 1\npictures_refused 0\n")) << board_.out;
}

TEST_F(ApplicationTest, RefusedFrames) {
  flash(image({}, false));
  const PreparedPicture good = picture(8);
  const Bytes frame = make_frame(good);
  const auto expect = [&](const char* sentence) {
    send(make_frame(good));  // the session goes on
    send(make_end_frame());
    EXPECT_EQ(run(), kPictureRefused);
    EXPECT_TRUE(has(std::string(sentence) + "\n")) << board_.out;
    EXPECT_TRUE(has(answer_line(good))) << board_.out;
    EXPECT_TRUE(has("pictures 1\npictures_refused 1\n")) << board_.out;
    EXPECT_TRUE(board_.incoming.empty());
  };
  for (const size_t changed :
       {size_t{8}, size_t{44}, frame.size() - 5, frame.size() - 1}) {  // name, pixels, checksum
    Bytes other = frame;
    other[changed] ^= 1;
    send(other);
    expect("the checksum is wrong: bytes were lost or changed on the way");
  }
  for (const size_t side : {size_t{1}, size().width - 1, size().width + 1, size_t{400}}) {
    send(make_frame(picture(1, {side, side})));
    expect("not of the program's picture size");
  }
  for (const size_t bytes :
       {size_t{4}, size_t{7}, size_t{20}, size_t{40}, size_t{1000}, frame.size() - 1}) {
    send(Bytes(frame.begin(), frame.begin() + static_cast<ptrdiff_t>(bytes)));
    send({});
    board_.incoming.push_back(-1);
    expect("cut short: nothing came for 2 seconds");
  }
  const Bytes large = make_frame(picture(1, {200, 200}));
  send(Bytes(large.begin(), large.begin() + 1000));
  board_.incoming.push_back(-1);
  expect("not of the program's picture size, and cut short");
  send({'V', 'T', 'P', 'I', 0xff, 0xff, 0xff,
        0xff});  // announces 4 GiB, which must not be waited for
  send(Bytes(32, 'x'));
  expect("not of the program's picture size, and cut short");
}

TEST_F(ApplicationTest, RandomFrames) {
  std::mt19937 random(2);
  flash(image({}, false));
  for (int i = 0; i < 100; ++i) {
    Bytes bytes = make_frame(picture(8));
    for (int flips = 0; flips < 5; ++flips)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    for (int gaps = 0; gaps < 2; ++gaps) {
      send(Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(random() % bytes.size())));
      if (random() % 2) board_.incoming.push_back(-1);
    }
  }
  EXPECT_EQ(run(), std::nullopt);
}

}  // namespace
}  // namespace vitro
